// The GraphQL Foundation's auditor of GraphQL over HTTP, against the service at ORIGIN with TOKEN.
// Prints one JSON object: how each of its checks ended.

import { auditServer } from "graphql-http";

const { ORIGIN, TOKEN } = process.env;

const results = await auditServer({
  url: `${ORIGIN}/graphql`,
  fetchFn: (url, init = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${TOKEN}` } }),
});
const told = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
console.log(JSON.stringify(told));
