// Apollo Client, set up for this API: npm install @apollo/client@4 graphql@16 rxjs@7
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";

// Which types an interface has, so that `... on Actor` finds a `State` in the cache.
export async function possibleTypesOf(address, fetch = globalThis.fetch) {
  const query = "{ __schema { types { name possibleTypes { name } } } }";
  const response = await fetch(`${address}?query=${encodeURIComponent(query)}`);
  const { data } = await response.json();
  const abstract = data.__schema.types.filter((type) => type.possibleTypes);
  return Object.fromEntries(
    abstract.map(({ name, possibleTypes }) => [name, possibleTypes.map((type) => type.name)]),
  );
}

// Pages of one list are joined: select `edges`, not `nodes`. What changes the list keeps it apart.
export const pages = relayStylePagination(["where", "search", "order"]);

async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// `lists` are the fields that you page through, such as { Query: ["states"] }.
// In another language, take another client: the cache has each text once.
export async function connect(address, { lists = {}, language = "es", token, fetch } = {}) {
  const typePolicies = Object.fromEntries(
    Object.entries(lists).map(([type, names]) => [
      type,
      { fields: Object.fromEntries(names.map((name) => [name, pages])) },
    ]),
  );
  const headers = { "Accept-Language": language };
  if (token) headers.Authorization = `Bearer ${token}`;
  const hashes = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  return new ApolloClient({
    cache: new InMemoryCache({ possibleTypes: await possibleTypesOf(address, fetch), typePolicies }),
    link: hashes.concat(new HttpLink({ uri: address, headers, fetch })),
  });
}
