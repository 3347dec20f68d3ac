// One POST to our own server; addresses are relative, so that the whole may live beneath a path.

export async function post(path, { headers, body }) {
  try {
    // No cookies go along: the bearer token is the only thing that speaks for the caller.
    return await fetch(new URL(path, document.baseURI), { method: "POST", headers, body, credentials: "omit", cache: "no-store" });
  } catch {
    throw new Error("The server did not answer.");
  }
}
