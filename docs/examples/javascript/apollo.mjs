// Apollo Client, set up for this API: npm install @apollo/client@4 graphql@16 rxjs@7
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";

// What the cache has to know of the schema. Types without `id` are values, part of a record.
export async function typesOf(address, fetch = globalThis.fetch) {
  const query = "{ __schema { types { name fields { name } possibleTypes { name } } } }";
  const response = await fetch(`${address}?query=${encodeURIComponent(query)}`);
  const { data: { __schema: { types } } } = await response.json();
  const isValue = ({ fields, possibleTypes }) =>
    fields && !possibleTypes && fields.every(({ name }) => name !== "id");
  return {
    possibleTypes: Object.fromEntries(
      types
        .filter((type) => type.possibleTypes)
        .map(({ name, possibleTypes }) => [name, possibleTypes.map((type) => type.name)]),
    ),
    values: types.filter(isValue).map(({ name }) => name),
  };
}

// Pages are joined: select `edges`, not `nodes`. With other arguments it is another list.
const PAGING = ["first", "after", "last", "before"];
export const pages = relayStylePagination((given) =>
  Object.keys(given ?? {}).filter((name) => !PAGING.includes(name)),
);

async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// `lists` are the fields that you page through, such as { Query: ["states"] }.
// In another language, take another client: the cache has each text once.
export async function connect(address, { lists = {}, language = "es", token, name, fetch } = {}) {
  const { possibleTypes, values } = await typesOf(address, fetch);
  const typePolicies = Object.fromEntries(values.map((name) => [name, { merge: true }]));
  for (const [type, names] of Object.entries(lists))
    typePolicies[type] = {
      ...typePolicies[type],
      fields: Object.fromEntries(names.map((name) => [name, pages])),
    };
  const headers = { "Accept-Language": language };
  if (token) headers.Authorization = `Bearer ${token}`;
  const hashes = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  return new ApolloClient({
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
    clientAwareness: { name },
    link: hashes.concat(new HttpLink({ uri: address, headers, fetch })),
  });
}
