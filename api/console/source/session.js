// Who is signed in: authorization code with PKCE, as a client that can keep no secret.
//
// Tokens are held by this module alone. They are neither stored nor shown; when the page goes, they
// are revoked. Only what must outlive the way to the login and back waits in the session storage.
import * as oauth from "oauth4webapi";
import { language, login as site, texts } from "./told.js";

const WAITING = "vinculo:login";
const EARLY = 30_000; // a token is renewed so long before it ends
const client = { client_id: site?.client };
const local = { [oauth.allowInsecureRequests]: site?.issuer.startsWith("http:") };
const listeners = new Set();
let state = { phase: "out" };
let tokens, server, renewing;

export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const current = () => state;

function become(next) {
  state = next;
  listeners.forEach((listener) => listener());
}

/** Whether people can sign in at this address. */
export const isHere = site?.issuer === location.origin;

async function discovered() {
  if (!server) {
    const issuer = new URL(site.issuer);
    const answer = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...local });
    server = await oauth.processDiscoveryResponse(issuer, answer);
  }
  return server;
}

/** Go to the login page; the page comes back with a code. */
export async function signIn(scopes) {
  try {
    const { authorization_endpoint } = await discovered();
    const verifier = oauth.generateRandomCodeVerifier();
    const waiting = { verifier, state: oauth.generateRandomState() };
    sessionStorage.setItem(WAITING, JSON.stringify(waiting));
    const to = new URL(authorization_endpoint);
    to.search = new URLSearchParams({
      response_type: "code",
      client_id: client.client_id,
      redirect_uri: site.back,
      scope: scopes.join(" "),
      state: waiting.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ui_locales: language,
    });
    location.assign(to);
  } catch (error) {
    become({ phase: "out", problem: `${texts.failed} ${error.message}` });
  }
}

/** Take the code that the address may hold, and take it out of the address before anything else. */
export async function comeBack() {
  if (location.pathname !== new URL(site?.back ?? "/-", location).pathname) return;
  const here = new URL(location);
  history.replaceState(null, "", "/graphql");
  const waiting = JSON.parse(sessionStorage.getItem(WAITING));
  sessionStorage.removeItem(WAITING);
  if (!waiting) return;
  become({ phase: "coming" });
  try {
    const server = await discovered();
    const given = oauth.validateAuthResponse(server, client, here, waiting.state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server, client, oauth.None(), given, site.back, waiting.verifier, local,
    );
    keep(await oauth.processAuthorizationCodeResponse(server, client, answer));
    await meet();
  } catch (error) {
    const why = error.error === "access_denied" ? texts.denied : error.message;
    become({ phase: "out", problem: `${texts.failed} ${why}` });
  }
}

function keep(answer) {
  tokens = { ...answer, ends: Date.now() + answer.expires_in * 1000 };
  if (state.phase === "in") become({ ...state, ends: tokens.ends });
}

/** Ask whom the API takes us for. */
async function meet() {
  const query = "{ viewer { scopes { name } party { name } user { name } } }";
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: {
      ...(await authorization()),
      "Accept-Language": language,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ query }),
  });
  const { viewer } = (await answer.json()).data;
  const scopes = viewer.scopes.map(({ name }) => name);
  become({ phase: "in", ends: tokens.ends, ...viewer, scopes });
}

/** The header line of a request, with a token that is still good. */
export async function authorization() {
  if (!tokens) return {};
  if (tokens.ends - EARLY < Date.now()) await (renewing ??= renew().finally(() => (renewing = null)));
  return tokens ? { Authorization: `Bearer ${tokens.access_token}` } : {};
}

async function renew() {
  try {
    const server = await discovered();
    const answer = await oauth.refreshTokenGrantRequest(
      server, client, oauth.None(), tokens.refresh_token, local,
    );
    keep(await oauth.processRefreshTokenResponse(server, client, answer));
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw error; // not refused: not reached
    end();
  }
}

/** An operation was refused that needs these scopes. */
export const lack = (scopes) => become({ ...state, lacking: [...new Set(scopes)] });

/** The token is no longer taken. */
export function end() {
  tokens = undefined;
  become({ phase: "out", problem: texts.ended });
}

export async function signOut() {
  const { refresh_token } = tokens;
  tokens = undefined;
  become({ phase: "out" });
  await oauth.revocationRequest(await discovered(), client, oauth.None(), refresh_token, local);
}

// What nobody can use any more is revoked.
addEventListener("pagehide", () => {
  if (!tokens) return;
  const form = { client_id: client.client_id, token: tokens.refresh_token };
  navigator.sendBeacon(server.revocation_endpoint, new URLSearchParams(form));
  tokens = undefined;
  become({ phase: "out" });
});
