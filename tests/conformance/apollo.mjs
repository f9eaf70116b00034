// Apollo Client, set up as in the guide, for a page on another origin.
// Arguments: the API, a token for `events:write`. Prints what was done.
import assert from "node:assert/strict";
import { CombinedGraphQLErrors, gql } from "@apollo/client";
import { browser } from "./browser.mjs";
import "./examples.mjs";

const { connect } = await import("../../docs/examples/javascript/apollo.mjs");
const [address, token] = process.argv.slice(2);
const page = browser();
const settings = {
  lists: { Query: ["planItems"] }, language: "en", name: "conformance", fetch: page.fetch,
};
const anonymous = await connect(address, settings);
const writer = await connect(address, { ...settings, token });
const done = [];

// What a watched query shows, as soon as it is so.
function shows(list, when) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("it never came to that")), 5000);
    const watching = list.subscribe(({ data, loading }) => {
      if (loading || !data || !when(data)) return;
      clearTimeout(timer);
      setTimeout(() => watching.unsubscribe());
      resolve(data);
    });
  });
}

async function ask(client, query, variables) {
  return (await client.query({ query, variables })).data;
}

async function write(client, mutation, input) {
  const { data } = await client.mutate({ mutation, variables: { input } });
  return Object.values(data)[0];
}

async function refusal(promise) {
  const error = await promise.then(() => assert.fail("not refused"), (reason) => reason);
  assert(CombinedGraphQLErrors.is(error), String(error));
  return error.errors[0].extensions;
}

// One object in the cache, whichever query read it, through whichever interface.
const GROUP = gql`query Group($slug: String!) { workingGroup(by: { slug: $slug }) { id name } }`;
const PARTY = gql`
  query Party($id: ID!) { node(id: $id) { ... on Party { id other: name(language: ES) } } }
`;
const { workingGroup } = await ask(anonymous, GROUP, { slug: "mesa-2" });
const { node } = await ask(anonymous, PARTY, { id: workingGroup.id });
const cache = anonymous.cache.extract();
const key = `WorkingGroup:${workingGroup.id}`;
assert.deepEqual(Object.keys(cache).filter((each) => /^\w+:\w+_/.test(each)), [key]);
assert.equal(cache[key].name, workingGroup.name);
assert.equal(cache[key]['name({"language":"ES"})'], node.other);
done.push("one object of two queries");

// Two queries may ask different parts of a value that has no id.
const EDTF = gql`{ events(first: 1) { nodes { id date { edtf } } } }`;
const STATUS = gql`{ events(first: 1) { totalCount nodes { id date { status } } } }`;
const { events } = await ask(anonymous, EDTF);
await ask(anonymous, STATUS);
const asked = page.requests.length;
assert.deepEqual(await ask(anonymous, EDTF), { events });
assert.equal(page.requests.length, asked);
done.push("parts of values");

// To the end of a list by its cursors; another list beside it.
const ITEMS = gql`
  query Items($after: String, $search: String) {
    planItems(first: 40, after: $after, search: $search) {
      totalCount
      edges { node { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const list = anonymous.watchQuery({ query: ITEMS });
let { planItems } = await shows(list, () => true);
const watching = list.subscribe({});
let pages = 1;
for (; planItems.pageInfo.hasNextPage; pages += 1) {
  const more = await list.fetchMore({ variables: { after: planItems.pageInfo.endCursor } });
  planItems = more.data.planItems;
}
const { planItems: all } = await shows(list, (data) => !data.planItems.pageInfo.hasNextPage);
watching.unsubscribe();
assert.equal(all.edges.length, all.totalCount);
assert.equal(new Set(all.edges.map((edge) => edge.node.id)).size, all.totalCount);
assert.equal(pages, Math.ceil(all.totalCount / 40));
const { planItems: few } = await ask(anonymous, ITEMS, { search: "regional" });
assert(0 < few.totalCount && few.totalCount < all.totalCount);
assert.equal(few.edges.length, few.totalCount);
done.push(`${all.totalCount} records in ${pages} pages`);

// A hash instead of the document: registered once, then a GET that caches can keep.
const HASHED = gql`query Hashed${process.pid} { countries(first: 3) { nodes { id name } } }`;
const sent = page.requests.length;
await ask(anonymous, HASHED);
await ask(await connect(address, settings), HASHED);
const hashed = page.requests.slice(sent).filter(({ asked }) => asked.operationName);
assert.deepEqual(
  hashed.map(({ method, status, asked }) => [method, status, "query" in asked]),
  [["GET", 400, false], ["POST", 200, true], ["GET", 200, false]],
);
assert.match(hashed[2].headers.get("cache-control"), /^public, max-age=60/);
done.push("hash registered", "GET by hash");

// Codes of refusals.
const CREATE = gql`
  mutation Create($input: CreateEventInput!) {
    createEvent(input: $input) { outcome errors { code path } event { id title } }
  }
`;
const UPDATE = gql`
  mutation Update($input: UpdateEventInput!) {
    updateEvent(input: $input) {
      outcome errors { code path }
      event { id place version }
      changes { fields { name after } record { ... on Event { id place version } } }
    }
  }
`;
const input = { title: { en: "Shown once" }, kind: "MEETING", date: { edtf: "2030-01" } };
const asks = (query) => refusal(ask(anonymous, gql(query)));
assert.equal((await asks("{ nothing }")).code, "GRAPHQL_VALIDATION_FAILED");
assert.equal((await asks("{ states(first: 500) { totalCount } }")).code, "BAD_USER_INPUT");
assert.equal((await asks('{ states(after: "x") { totalCount } }')).code, "INVALID_CURSOR");
const { code, missing } = await refusal(write(anonymous, CREATE, input));
assert.equal(code, "UNAUTHENTICATED");
assert.deepEqual(missing, { "Mutation.createEvent": ["events:write"] });
done.push("codes");

// What is written shows where it is watched; what would be written does not.
const EVENT = gql`
  query Shown($id: ID!) { node(id: $id) { ... on Event { id title place version } } }
`;
const { event: created } = await write(writer, CREATE, input);
const watched = writer.watchQuery({ query: EVENT, variables: { id: created.id } });
const { node: first } = await shows(watched, () => true);
assert.deepEqual(first, { __typename: "Event", ...created, place: null, version: 1 });
const still = watched.subscribe({});
const change = { event: { id: created.id }, place: "Tapachula" };
const tried = await write(writer, UPDATE, { ...change, dryRun: true });
assert.equal(tried.outcome, "DRY_RUN");
const [{ name, after }] = tried.changes[0].fields;
assert.deepEqual([name, after], ["place", "Tapachula"]);
assert.deepEqual((await ask(writer, EVENT, { id: created.id })).node, first);
done.push("dry run shows nowhere");
assert.equal((await write(writer, UPDATE, change)).outcome, "UPDATED");
const { node: now } = await shows(watched, (data) => data.node.version === 2);
assert.deepEqual(now, { ...first, place: "Tapachula", version: 2 });
still.unsubscribe();
done.push("write shows where it is watched");

console.log(JSON.stringify(done));
