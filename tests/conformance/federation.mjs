// Composes the API with a subgraph of others and asks a gateway for both; prints what came of it.
//
// The other one is a site of talks, which knows actors by slug, countries by ISO code and objectives
// by code, and adds a field to the first two.

import { composeServices } from '@apollo/composition'
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'

const [url] = process.argv.slice(2)

const TALKS = [
  { id: '1', title: 'A', speaker: 'unhcr', country: 'PA', objective: 'GCM-8' },
  { id: '2', title: 'B', speaker: 'panama', country: 'CR', objective: 'GCM-13' },
  { id: '3', title: 'C', speaker: 'unhcr', country: 'PA', objective: 'GCM-8' },
  { id: '4', title: 'D', speaker: 'nobody', country: 'ZZ', objective: 'GCM-8' }
]

const typeDefs = parse(`
  extend schema @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: ["@interfaceObject", "@key", "@shareable"]
  )
  type Query { talks: [Talk!]! }
  type Talk @key(fields: "id") {
    id: ID! title: String! speaker: Actor country: Country objective: Objective
  }
  type Actor @key(fields: "slug") @interfaceObject { slug: String! talks: [Talk!]! }
  type Country @key(fields: "alpha2") { alpha2: String! talks: [Talk!]! }
  type Objective @key(fields: "code", resolvable: false) { code: String! }
  interface Node { id: ID! }
  type Room implements Node @key(fields: "id") { id: ID! }
  type PageInfo @shareable {
    hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
  }
`)

const resolvers = {
  Query: { talks: () => TALKS },
  Talk: {
    speaker: talk => ({ slug: talk.speaker }),
    country: talk => ({ alpha2: talk.country }),
    objective: talk => ({ code: talk.objective })
  },
  Actor: { talks: ({ slug }) => TALKS.filter(talk => talk.speaker === slug) },
  Country: { talks: ({ alpha2 }) => TALKS.filter(talk => talk.country === alpha2) }
}

const answer = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: '{ _service { sdl } }' })
})
const { sdl } = (await answer.json()).data._service
const { errors, hints, supergraphSdl } = composeServices([
  { name: 'vinculo', url, typeDefs: parse(sdl) },
  { name: 'talks', url: 'http://talks.invalid/', typeDefs }
])

const sent = []
class Vinculo extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    request.http.headers.set('accept-language', 'en')
    sent.push((request.variables.representations ?? []).length)
  }
}

const gateway = new ApolloGateway({
  supergraphSdl,
  logger: { debug() {}, info() {}, warn() {}, error: console.error },
  buildService: ({ name }) =>
    name === 'vinculo'
      ? new Vinculo({ url })
      : new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs, resolvers }))
})
const { schema, executor } = await gateway.load()

const ask = async query => {
  sent.length = 0
  const request = { query, variables: {} }
  const told = await executor({
    request, schema, document: parse(query), queryHash: query, context: {}, metrics: {},
    logger: console, overallCachePolicy: { restrict() {} }, cache: new Map()
  })
  return { ...told, sent: [...sent] }
}

console.log(
  JSON.stringify({
    errors: errors ?? [],
    hints: hints.map(hint => hint.message),
    fields: Object.fromEntries(
      ['Actor', 'UnAgency', 'Country', 'Talk'].map(name => [
        name,
        Object.keys(schema.getType(name).getFields())
      ])
    ),
    priced: supergraphSdl.includes('directive @cost'),
    scoped: supergraphSdl.includes('@requiresScopes'),
    fromTalks: await ask(`{
      talks {
        title
        speaker { __typename name ... on UnAgency { acronym } }
        country { name }
        objective { number }
      }
    }`),
    fromHere: await ask(`{
      actors(where: { slug: { in: ["panama", "unhcr"] } }) { nodes { name talks { title } } }
      country(by: { slug: "panama" }) { m49 talks { title } }
    }`)
  })
)
await gateway.stop()
