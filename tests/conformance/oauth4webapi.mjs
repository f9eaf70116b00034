// Every flow with npm's `oauth4webapi`, which checks each answer against the standards.
// Arguments: the issuer, a browser whose user consents, the clients as JSON. Prints what was done.
import * as oauth from "oauth4webapi";

const [issuer, browser, given] = process.argv.slice(2);
const clients = JSON.parse(given);
const insecure = { [oauth.allowInsecureRequests]: true };
const done = [];

const server = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", ...insecure }),
);
done.push("discovery");

const api = new URL(`${issuer}/graphql`);
const resource = await oauth.processResourceDiscoveryResponse(
  api,
  await oauth.resourceDiscoveryRequest(api, insecure),
);
if (resource.authorization_servers[0] !== issuer) throw new Error("another issuer");
done.push("resource metadata");

async function ask(token, proof) {
  const body = JSON.stringify({ query: "{ __typename }" });
  const headers = new Headers({ "content-type": "application/json" });
  const answer = await oauth.protectedResourceRequest(token, "POST", api, headers, body, insecure);
  return answer.status;
}

async function validated(token) {
  const request = new Request(api, { headers: { authorization: `Bearer ${token}` } });
  return await oauth.validateJwtAccessToken(server, request, resource.resource, insecure);
}

async function authentication({ secret, jwk, method }) {
  if (method === "client_secret_basic") return oauth.ClientSecretBasic(secret);
  if (method === "client_secret_post") return oauth.ClientSecretPost(secret);
  if (method === "none") return oauth.None();
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
  return oauth.PrivateKeyJwt({ key, kid: jwk.kid });
}

async function alone(client, auth) {
  const answer = await oauth.clientCredentialsGrantRequest(
    server, client, auth, { resource: resource.resource }, insecure,
  );
  const tokens = await oauth.processClientCredentialsResponse(server, client, answer);
  await validated(tokens.access_token);
  if ((await ask(tokens.access_token)) !== 200) throw new Error("the token was not taken");
}

async function forUser(client, auth, callback) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const address = new URL(server.authorization_endpoint);
  const parameters = {
    client_id: client.client_id, redirect_uri: callback, response_type: "code", state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256", resource: resource.resource,
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  const back = await (await fetch(browser, { method: "POST", body: address.href })).text();
  const checked = oauth.validateAuthResponse(server, client, new URL(back), state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, auth, checked, callback, verifier, insecure,
  );
  const first = await oauth.processAuthorizationCodeResponse(server, client, answer);
  const claims = await validated(first.access_token);
  if (claims.client_id !== client.client_id) throw new Error("another client");
  const second = await oauth.processRefreshTokenResponse(
    server, client,
    await oauth.refreshTokenGrantRequest(server, client, auth, first.refresh_token, insecure),
  );
  if ((await ask(second.access_token)) !== 200) throw new Error("the token was not taken");
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, auth, second.refresh_token, insecure),
  );
  try {
    await ask(second.access_token);
    throw new Error("the token outlived its grant");
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    if (error.cause[0].parameters.error !== "invalid_token") throw error;
  }
}

async function explain(client, auth) {
  const tokens = await oauth.processClientCredentialsResponse(
    server, client,
    await oauth.clientCredentialsGrantRequest(server, client, auth, {}, insecure),
  );
  const found = await oauth.processIntrospectionResponse(
    server, client,
    await oauth.introspectionRequest(server, client, auth, tokens.access_token, insecure),
  );
  if (!found.active) throw new Error("the token is not active");
}

for (const { id, callback, ...how } of clients) {
  const client = { client_id: id };
  const auth = await authentication(how);
  if (how.method !== "none") {
    await alone(client, auth);
    await explain(client, auth);
    done.push(`${how.method}: client_credentials`, `${how.method}: introspection`);
  }
  await forUser(client, auth, callback);
  done.push(`${how.method}: authorization_code, refresh_token, revocation`);
}
console.log(JSON.stringify(done));
