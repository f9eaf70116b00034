// urql with its normalized cache, set up as in the guide, for a page on another origin.
// Arguments: the API, a token for `events:write`. Prints what was done.
import assert from "node:assert/strict";
import { CombinedError, gql } from "@urql/core";
import { browser } from "./browser.mjs";
import "./examples.mjs";

const { connect } = await import("../../docs/examples/javascript/urql.mjs");
const [address, token] = process.argv.slice(2);
const page = browser();
const settings = { lists: { Query: ["planItems"] }, language: "en", fetch: page.fetch };
const anonymous = await connect(address, settings);
const writer = await connect(address, { ...settings, token });
const done = [];
const warned = [];
console.warn = (...words) => warned.push(words.join(" "));

async function ask(client, query, variables, context) {
  const { data, error } = await client.query(gql(query), variables, context).toPromise();
  assert.equal(error, undefined);
  return data;
}

async function write(client, query, variables) {
  const { data, error } = await client.mutation(gql(query), variables).toPromise();
  assert.equal(error, undefined);
  return data;
}

// One object in the cache, whichever query read it, through whichever interface.
const { workingGroup } = await ask(
  anonymous,
  "query Group($slug: String!) { workingGroup(by: { slug: $slug }) { id name } }",
  { slug: "mesa-2" },
);
const OTHER = "query Other($id: ID!) { node(id: $id) { id ... on Party { name } } }";
const { node } = await ask(anonymous, OTHER, { id: workingGroup.id });
assert.deepEqual(node, workingGroup);
done.push("one object of two queries");

// To the end of a list by its cursors; another list beside it.
const ITEMS = `query Items($after: String, $search: String) {
  planItems(first: 40, after: $after, search: $search) {
    totalCount
    nodes { id }
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}`;
let { planItems: all } = await ask(anonymous, ITEMS, {});
let pages = 1;
for (; all.pageInfo.hasNextPage; pages += 1)
  ({ planItems: all } = await ask(anonymous, ITEMS, { after: all.pageInfo.endCursor }));
assert.equal(all.edges.length, all.totalCount);
assert.equal(new Set(all.edges.map((edge) => edge.node.id)).size, all.totalCount);
assert.deepEqual(all.nodes, all.edges.map((edge) => edge.node));
assert.equal(pages, Math.ceil(all.totalCount / 40));
const { planItems: few } = await ask(anonymous, ITEMS, { search: "regional" });
assert(0 < few.totalCount && few.totalCount < all.totalCount);
assert.equal(few.edges.length, few.totalCount);
done.push(`${all.totalCount} records in ${pages} pages`);

// A hash instead of the document: registered once, then a GET that caches can keep.
const HASHED = `query Hashed${process.pid} { countries(first: 3) { nodes { id name } } }`;
const sent = page.requests.length;
await ask(anonymous, HASHED);
await ask(await connect(address, settings), HASHED);
const hashed = page.requests.slice(sent).filter(({ asked }) => asked.operationName);
assert.deepEqual(
  hashed.map(({ method, status, asked }) => [method, status, "query" in asked]),
  [["GET", 400, false], ["GET", 200, true], ["GET", 200, false]],
);
assert.match(hashed[2].headers.get("cache-control"), /^public, max-age=60/);
done.push("hash registered", "GET by hash");

// Codes of refusals.
const CREATE = `mutation Create($input: CreateEventInput!) {
  createEvent(input: $input) { outcome errors { code path } event { id title } }
}`;
const input = { title: { en: "Shown by urql" }, kind: "MEETING", date: { edtf: "2030-01" } };
async function refusal(answer) {
  const { error } = await answer.toPromise();
  assert(error instanceof CombinedError);
  assert.equal(error.networkError, undefined);
  return { status: error.response.status, ...error.graphQLErrors[0].extensions };
}
for (const [query, code] of [
  ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["{ states(first: 500) { totalCount } }", "BAD_USER_INPUT"],
  ['{ states(after: "x") { totalCount } }', "INVALID_CURSOR"],
])
  assert.deepEqual(await refusal(anonymous.query(gql(query), {})), { status: 400, code });
assert.deepEqual(await refusal(anonymous.mutation(gql(CREATE), { input })), {
  status: 401, code: "UNAUTHENTICATED", missing: { "Mutation.createEvent": ["events:write"] },
});
done.push("codes");

// What is written shows where it is watched; what would be written does not.
const UPDATE = `mutation Update($input: UpdateEventInput!) {
  updateEvent(input: $input) {
    outcome errors { code path }
    event { id place version }
    changes { id fields { name after } record { id ... on Event { place version } } }
  }
}`;
const { createEvent: { event: created } } = await write(writer, CREATE, { input });
const SHOWN = "query Shown($id: ID!) { node(id: $id) { id ... on Event { title place version } } }";
const seen = [];
const watching = writer
  .query(gql(SHOWN), { id: created.id })
  .subscribe(({ data }) => data && seen.push([data.node.place, data.node.version]));
const change = { event: { id: created.id }, place: "Tapachula" };
await ask(writer, SHOWN, { id: created.id });
const { updateEvent: tried } = await write(writer, UPDATE, { input: { ...change, dryRun: true } });
assert.equal(tried.outcome, "DRY_RUN");
assert.deepEqual(tried.changes[0].fields, [{ name: "place", after: "Tapachula" }]);
assert.deepEqual(seen, [[null, 1]]);
done.push("dry run shows nowhere");
const { updateEvent: did } = await write(writer, UPDATE, { input: change });
assert.equal(did.outcome, "UPDATED");
assert.deepEqual(seen, [[null, 1], ["Tapachula", 2]]);
watching.unsubscribe();
done.push("write shows where it is watched");

assert.deepEqual(warned, []);
console.log(JSON.stringify(done));
