// Who is signed in. The token lives in this module and nowhere else: closing the tab forgets it.

import { issueToken, revokeToken } from "./oauth.js";

let token = null;
let timer;
let state = { signedIn: null, notice: null, visit: 0 };
const listeners = new Set();

export const current = () => state;

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(change) {
  state = { ...state, ...change };
  listeners.forEach((listener) => listener());
}

export function authorization() {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Trade id and secret for a token. The secret is not kept. */
export async function signIn(clientId, secret) {
  become({ notice: null });
  try {
    const grant = await issueToken(clientId, secret);
    hold(grant.access_token, grant.expires_in);
    become({ signedIn: { clientId, until: new Date(Date.now() + grant.expires_in * 1000) } });
  } catch (error) {
    become({ notice: error.message });
  }
}

/** Give the token back, and take everything typed and answered off the screen. */
export async function signOut() {
  const given = token;
  drop({ visit: state.visit + 1, notice: null });
  try {
    await revokeToken(given);
  } catch (error) {
    become({ notice: error.message });
  }
}

/** The server no longer takes the token. What was typed stays for the next sign-in. */
export function end(notice) {
  drop({ notice });
}

function hold(value, seconds) {
  token = value;
  clearTimeout(timer);
  // Browsers take a longer delay than 2^31 ms for none at all.
  timer = setTimeout(end, Math.min(seconds * 1000, 2 ** 31 - 1), "Your sign-in has expired. What you typed is still here.");
}

function drop(change) {
  token = null;
  clearTimeout(timer);
  become({ signedIn: null, ...change });
}
