// Every flow with npm's `openid-client`, as a partner would write it.
// Arguments: the issuer, a browser whose user consents, the clients as JSON. Prints what was done.
import * as oauth from "openid-client";

const [issuer, browser, given] = process.argv.slice(2);
const done = [];

async function authentication({ secret, jwk, method }) {
  if (method === "client_secret_basic") return oauth.ClientSecretBasic(secret);
  if (method === "client_secret_post") return oauth.ClientSecretPost(secret);
  if (method === "none") return oauth.None();
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
  return oauth.PrivateKeyJwt({ key, kid: jwk.kid });
}

async function status(token) {
  const answer = await fetch(`${issuer}/graphql`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  return answer.status;
}

for (const { id, callback, ...how } of JSON.parse(given)) {
  const config = await oauth.discovery(new URL(issuer), id, {}, await authentication(how), {
    algorithm: "oauth2",
    execute: [oauth.allowInsecureRequests],
  });
  if (how.method !== "none") {
    const tokens = await oauth.clientCredentialsGrant(config, { scope: "pledges:write" });
    if ((await status(tokens.access_token)) !== 200) throw new Error("the token was not taken");
    const found = await oauth.tokenIntrospection(config, tokens.access_token);
    if (found.scope !== "pledges:write") throw new Error("another scope");
    done.push(`${how.method}: client_credentials`, `${how.method}: introspection`);
  }
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const expectedState = oauth.randomState();
  const address = oauth.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: "pledges:write",
    state: expectedState,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const back = await (await fetch(browser, { method: "POST", body: address.href })).text();
  const first = await oauth.authorizationCodeGrant(config, new URL(back), {
    pkceCodeVerifier,
    expectedState,
  });
  const second = await oauth.refreshTokenGrant(config, first.refresh_token);
  if ((await status(second.access_token)) !== 200) throw new Error("the token was not taken");
  await oauth.tokenRevocation(config, second.access_token);
  if ((await status(second.access_token)) !== 401) throw new Error("the token is alive");
  done.push(`${how.method}: authorization_code, refresh_token, revocation`);
}
console.log(JSON.stringify(done));
