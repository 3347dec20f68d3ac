// GraphQL over HTTP, as GraphiQL's fetcher.

import { bySession, post } from "./http.js";
import * as session from "./session.js";

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

export async function ask({ query, variables, operationName }) {
  const { signedIn } = session.current();
  if (!signedIn) {
    session.end("Sign in to run it.");
    throw new Error("Nobody is signed in.");
  }

  const headers = { Accept: ACCEPT, "Content-Type": "application/json" };
  const body = JSON.stringify({ query, variables, operationName: operationName ?? undefined });
  const response = await (signedIn.person
    ? bySession("graphql", { method: "POST", headers, body })
    : post("graphql", { headers: { ...session.authorization(), ...headers }, body }));
  if (response.status === 401) session.end("The server no longer knows this sign-in. What you typed is still here.");

  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status} with something that is not JSON.`);
  }
}
