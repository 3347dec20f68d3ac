// Who is signed in. A token lives in this module and nowhere else: closing the tab forgets it. A browser's session is
// held by the browser, out of reach of any script; this page only knows whose it is.

import { bySession } from "./http.js";
import { issueToken, revokeToken } from "./oauth.js";

let token = null;
let timer;
let state = { signedIn: null, offered: null, notice: null, visit: 0 };
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

/** Look whether this browser holds somebody's session, whom the page may then go on as. */
export async function look() {
  try {
    const response = await bySession("session", { method: "GET" });
    become({ offered: response.ok ? (await response.json()).staffUser : null });
  } catch {
    // Without an answer nobody is offered; what is wrong with the server shows at the next question.
  }
}

/** Ask in the name of whoever is signed in with this browser. */
export function goOn() {
  become({ notice: null, signedIn: { person: state.offered } });
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

/**
 * Give the token back, and take everything typed and answered off the screen. A browser's session is only put aside: it
 * is also that of the other pages, and ends where it began.
 */
export async function signOut() {
  const given = token;
  drop({ visit: state.visit + 1, notice: null });
  if (given === null) return look();
  try {
    await revokeToken(given);
  } catch (error) {
    become({ notice: error.message });
  }
}

/** The server no longer takes the token. What was typed stays for the next sign-in. */
export function end(notice) {
  drop({ notice, offered: null });
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
