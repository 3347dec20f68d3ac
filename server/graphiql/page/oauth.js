// The two OAuth requests this page makes (RFC 6749 section 4.4, RFC 7009), and what went wrong in plain words.

import { post } from "./http.js";

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. */
function basic(clientId, secret) {
  return `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`)}`;
}

export async function issueToken(clientId, secret) {
  const response = await post("oauth/token", {
    headers: { Authorization: basic(clientId, secret) },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok && answer.access_token) return answer;
  if (answer.error === "invalid_client") throw new Error("No client has that id and that secret.");
  throw new Error(answer.error_description ?? `The server gave no token (${response.status}).`);
}

/** The secret is long gone, so the token itself is what proves the right to give it back. */
export async function revokeToken(token) {
  const response = await post("oauth/revoke", {
    headers: { Authorization: `Bearer ${token}` },
    body: new URLSearchParams({ token, token_type_hint: "access_token" }),
  });
  if (!response.ok) throw new Error(`Signed out here, but the server did not take the token back (${response.status}).`);
}
