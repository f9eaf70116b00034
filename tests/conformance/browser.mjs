// A `fetch` that refuses what the browser of a page on another origin would refuse (CORS).
const SAFE = new Set(["accept", "accept-language", "content-language"]);
const ORIGIN = "https://partner.example";

function listed(headers, name) {
  return (headers.get(name) ?? "").split(",").map((each) => each.trim().toLowerCase());
}

async function allowed(address, method, names) {
  const asked = { origin: ORIGIN, "access-control-request-method": method };
  if (names.length) asked["access-control-request-headers"] = names.sort().join(",");
  const { ok, headers } = await fetch(address, { method: "OPTIONS", headers: asked });
  const known = listed(headers, "access-control-allow-headers");
  const any = known.includes("*") ? names.filter((name) => name !== "authorization") : [];
  const missing = names.filter((name) => !known.includes(name) && !any.includes(name));
  if (!ok || headers.get("access-control-allow-origin") !== "*" || missing.length)
    throw new TypeError(`The preflight forbids ${method} with ${missing}`);
}

// `requests` are what was sent: method, parameters and status of each.
export function browser() {
  const requests = [];
  return {
    requests,
    async fetch(input, init) {
      const request = new Request(input, init);
      const names = [...request.headers.keys()].filter((name) => !SAFE.has(name));
      if (names.length) await allowed(request.url, request.method, names);
      const body = request.method === "POST" ? await request.clone().json() : undefined;
      const asked = body ?? Object.fromEntries(new URL(request.url).searchParams);
      request.headers.set("origin", ORIGIN);
      const answer = await fetch(request);
      if (answer.headers.get("access-control-allow-origin") !== "*")
        throw new TypeError("The answer may not be read");
      const { method } = request;
      requests.push({ method, asked, status: answer.status, headers: answer.headers });
      return answer;
    },
  };
}
