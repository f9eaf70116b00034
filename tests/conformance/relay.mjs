// Relay, set up as in the guide, for a page on another origin, with what its compiler made.
// Arguments: the API, a token for `events:write`, a directory. Prints what was done.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import relay from "relay-runtime";
import { browser } from "./browser.mjs";
import "./examples.mjs";

const { connect } = await import("../../docs/examples/javascript/relay.mjs");
const [address, token, compiled] = process.argv.slice(2);
const page = browser();
const settings = { language: "en", fetch: page.fetch };
const anonymous = connect(address, settings);
const writer = connect(address, { ...settings, token });
const done = [];
const warned = [];
console.error = console.warn = (...words) => warned.push(words.join(" "));

const made = (name) => createRequire(import.meta.url)(`${compiled}/${name}.graphql.js`);

async function ask(environment, request, variables) {
  const operation = relay.createOperationDescriptor(request, variables);
  environment.retain(operation);
  await relay.fetchQuery(environment, request, variables).toPromise();
  return environment.lookup(operation.fragment).data;
}

function mutate(environment, mutation, variables) {
  return new Promise((onCompleted, onError) =>
    relay.commitMutation(environment, { mutation, variables, onCompleted, onError }),
  );
}

// What a component with this fragment shows, and how it asks for the next page.
function shown(fragment, parent) {
  const selector = relay.getSelector(fragment, parent);
  const { data } = anonymous.lookup(selector);
  const { refetchableRequest, identifierInfo } = relay.getRefetchMetadata(fragment, "more");
  const { paginationMetadata, connectionPathInFragmentData } =
    relay.getPaginationMetadata(fragment, "more");
  const list = data[connectionPathInFragmentData[0]];
  async function more(direction, size) {
    const { pageInfo } = list;
    const cursor = direction === "forward" ? pageInfo.endCursor : pageInfo.startCursor;
    const variables = relay.getPaginationVariables(
      direction, size, cursor, selector.variables, {}, paginationMetadata,
    );
    const { identifierField, identifierQueryVariableName: id } = identifierInfo;
    await ask(anonymous, refetchableRequest, { ...variables, [id]: data[identifierField] });
    return shown(fragment, parent);
  }
  return { list, more };
}

// To the end of a list forward, to its beginning backward: the same records in the same order.
const request = made("PlanQuery");
const { plan } = await ask(anonymous, request, { slug: "mirps-2023" });
let forward = shown(made("Plan_forward"), plan);
const { totalCount } = forward.list;
let pages = 1;
for (; forward.list.pageInfo.hasNextPage; pages += 1) forward = await forward.more("forward", 20);
const ids = forward.list.edges.map((edge) => edge.node.id);
assert.equal(ids.length, totalCount);
assert.equal(new Set(ids).size, totalCount);
assert.equal(pages, Math.ceil(totalCount / 20));
done.push(`${totalCount} records in ${pages} pages`);
let backward = shown(made("Plan_backward"), plan);
for (pages = 1; backward.list.pageInfo.hasPreviousPage; pages += 1)
  backward = await backward.more("backward", 30);
assert.deepEqual(backward.list.edges.map((edge) => edge.node.id), ids);
assert.equal(pages, Math.ceil(totalCount / 30));
done.push(`back in ${pages} pages`);

// A fragment asked anew by `node(id:)`, with another argument.
const title = made("Plan_title");
const english = anonymous.lookup(relay.getSelector(title, plan)).data.title;
const again = await ask(anonymous, made("PlanTitleQuery"), { id: plan.id, language: "ES" });
const spanish = anonymous.lookup(relay.getSelector(title, again.node)).data.title;
assert(english.includes("2023") && spanish.includes("2023") && english !== spanish, english);
done.push("asked anew by its id");

// Codes of refusals, and a record that is not there.
const event = made("PlanEventQuery");
async function refusal(promise) {
  const { errors } = await promise.then(() => assert.fail("not refused"), (reason) => reason);
  return errors[0].extensions.code;
}
const input = { title: { en: "Shown by Relay" }, kind: "MEETING", date: { edtf: "2030-01" } };
const create = made("PlanCreateMutation");
assert.equal(await refusal(ask(anonymous, event, { id: "nonsense" })), "BAD_USER_INPUT");
assert.equal(await refusal(mutate(anonymous, create, { input, lists: [] })), "UNAUTHENTICATED");
const gone = { id: "event_00000000-0000-5000-8000-000000000000" };
assert.deepEqual(await ask(anonymous, event, gone), { node: null });
done.push("codes");

// What is written shows in lists and records; what would be written does not.
const events = made("PlanEventsQuery");
const { events: list } = await ask(writer, events, {});
function shows() {
  const { fragment } = relay.createOperationDescriptor(events, {});
  const { edges } = writer.lookup(fragment).data.events;
  return edges.filter(({ node }) => node).map(({ node }) => node.title); // null: deleted
}
const before = shows();
await mutate(writer, create, { input: { ...input, dryRun: true }, lists: [list.__id] });
assert.deepEqual(shows(), before);
const { createEvent } = await mutate(writer, create, { input, lists: [list.__id] });
assert.deepEqual(shows(), [...before, "Shown by Relay"]);
const { id } = createEvent.event;
await ask(writer, event, { id });
function told() {
  const { fragment } = relay.createOperationDescriptor(event, { id });
  const { place, version } = writer.lookup(fragment).data.node;
  return [place, version];
}
const update = made("PlanUpdateMutation");
const change = { event: { id }, place: "Tapachula" };
const { updateEvent: tried } = await mutate(writer, update, { input: { ...change, dryRun: true } });
assert.deepEqual(tried.changes[0].fields, [{ name: "place", after: "Tapachula" }]);
assert.deepEqual(told(), [null, 1]);
done.push("dry run shows nowhere");
await mutate(writer, update, { input: change });
assert.deepEqual(told(), ["Tapachula", 2]);
await mutate(writer, made("PlanRetireMutation"), { input: { event: { id } } });
assert.deepEqual(shows(), before);
done.push("write shows where it is watched");

// Of a dry run: there is no record to append.
assert.deepEqual(warned, ["Warning: MutationHandlers: Expected target node to exist."]);
console.log(JSON.stringify(done));
