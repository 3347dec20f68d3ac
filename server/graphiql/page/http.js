// Requests to our own server; addresses are relative, so that the whole may live beneath a path.

/** What a request that is authenticated by the browser's session must carry, so that no other site can send it. */
const BY_SESSION = { "X-CSRF-Protection": "1" };

export async function post(path, { headers, body }) {
  // No cookies go along: the bearer token is the only thing that speaks for the caller.
  return send(path, { method: "POST", headers, body, credentials: "omit" });
}

/** The browser's session speaks for the caller. */
export async function bySession(path, { method, headers, body }) {
  return send(path, { method, headers: { ...BY_SESSION, ...headers }, body, credentials: "same-origin" });
}

async function send(path, request) {
  try {
    return await fetch(new URL(path, document.baseURI), { ...request, cache: "no-store" });
  } catch {
    throw new Error("The server did not answer.");
  }
}
