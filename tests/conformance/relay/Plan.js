// What relay-compiler compiles; the artifacts are what `relay.mjs` runs.
import { graphql } from "relay-runtime";

graphql`
  query PlanQuery($slug: String!) {
    plan(by: { slug: $slug }) { id ...Plan_forward ...Plan_backward ...Plan_title }
  }
`;

graphql`
  fragment Plan_title on Plan
  @refetchable(queryName: "PlanTitleQuery")
  @argumentDefinitions(language: { type: "Language" }) {
    title(language: $language)
  }
`;

graphql`
  fragment Plan_forward on Plan
  @refetchable(queryName: "PlanForwardQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    items(first: $count, after: $cursor) @connection(key: "Plan_forward_items") {
      totalCount
      edges { node { id } }
    }
  }
`;

graphql`
  fragment Plan_backward on Plan
  @refetchable(queryName: "PlanBackwardQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int", defaultValue: 30 }
    before: { type: "String" }
  ) {
    itemsBefore: items(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "Plan_backward_itemsBefore") {
      edges { node { id } }
    }
  }
`;

graphql`
  query PlanEventsQuery {
    events(first: 100) @connection(key: "Plan_events") { __id edges { node { id title } } }
  }
`;

graphql`
  query PlanEventQuery($id: ID!) { node(id: $id) { ... on Event { id title place version } } }
`;

graphql`
  mutation PlanCreateMutation($input: CreateEventInput!, $lists: [ID!]!) {
    createEvent(input: $input) {
      outcome
      errors { code path }
      event @appendNode(connections: $lists, edgeTypeName: "EventEdge") { id title }
    }
  }
`;

graphql`
  mutation PlanUpdateMutation($input: UpdateEventInput!) {
    updateEvent(input: $input) {
      outcome
      errors { code path }
      event { place version }
      changes { fields { name after } record { ... on Event { place version } } }
    }
  }
`;

graphql`
  mutation PlanRetireMutation($input: RetireEventInput!) {
    retireEvent(input: $input) { outcome changes { recordId @deleteRecord } }
  }
`;
