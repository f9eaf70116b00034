// How GraphiQL asks: by POST, in the language of the page, with the token there may be.
import { authorization, end, lack } from "./session.js";
import { language, texts } from "./told.js";

export async function fetcher({ query, operationName, variables }, { headers } = {}) {
  const token = await authorization();
  let answer;
  try {
    answer = await fetch("/graphql", {
      method: "POST",
      headers: {
        Accept: "application/graphql-response+json, application/json",
        "Accept-Language": language,
        "Content-Type": "application/json",
        ...token,
        ...headers,
      },
      body: JSON.stringify({ query, operationName, variables }),
    });
  } catch {
    throw new Error(texts.unreachable);
  }
  if (answer.status === 401 && token.Authorization && !headers?.Authorization) end();
  const body = await answer.json();
  const missing = (body.errors ?? []).flatMap(({ extensions }) =>
    Object.values(extensions?.missing ?? {}).flat(),
  );
  if (missing.length) lack(missing);
  return body;
}
