// urql with its normalized cache, set up for this API:
// npm install @urql/core@6 @urql/exchange-graphcache@9 @urql/exchange-persisted@5 graphql@16
import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { persistedExchange } from "@urql/exchange-persisted";

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
    keys: Object.fromEntries(types.filter(isValue).map(({ name }) => [name, () => null])),
  };
}

// `lists` are the fields that you page through, such as { Query: ["states"] }.
// In another language, take another client: the cache has each text once.
export async function connect(address, { lists = {}, language = "es", token, fetch } = {}) {
  const resolvers = Object.fromEntries(
    Object.entries(lists).map(([type, names]) => [
      type,
      Object.fromEntries(names.map((name) => [name, relayPagination()])),
    ]),
  );
  const headers = { "Accept-Language": language };
  if (token) headers.Authorization = `Bearer ${token}`;
  return new Client({
    url: address,
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ ...(await typesOf(address, fetch)), resolvers }),
      persistedExchange({ preferGetForPersistedQueries: true }),
      fetchExchange,
    ],
    fetchOptions: { headers },
    fetch,
  });
}
