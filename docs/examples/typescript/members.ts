// Who belongs to a group, page by page; checked by the compiler.
import { MembersDocument, type MembersQuery, type TypedDocumentString } from "./vinculo/graphql.js";

async function ask<Answer, Variables>(
  document: TypedDocumentString<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  const response = await fetch("http://127.0.0.1:8000/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": "es" },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

export async function* members(group: string): AsyncGenerator<string> {
  let after: string | null = null;
  for (;;) {
    const { workingGroup }: MembersQuery = await ask(MembersDocument, { group, after });
    if (!workingGroup) throw new Error(`There is no group ${group}.`);
    for (const { party } of workingGroup.members.nodes) if (party) yield party.name;
    after = workingGroup.members.pageInfo.endCursor ?? null;
    if (!workingGroup.members.pageInfo.hasNextPage) return;
  }
}

for await (const name of members("mirps")) console.log(name);
