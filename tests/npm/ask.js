// graphql-request as it comes: introspects, builds the schema, and asks the DOCUMENT with its VARIABLES.

import { buildClientSchema, getIntrospectionQuery, parse, printType, validate } from "graphql";
import { GraphQLClient } from "graphql-request";

const { ORIGIN, TOKEN, DOCUMENT, VARIABLES } = process.env;

const client = new GraphQLClient(`${ORIGIN}/graphql`, {
  headers: { authorization: `Bearer ${TOKEN}` },
});
const schema = buildClientSchema(await client.request(getIntrospectionQuery()));
const errors = validate(schema, parse(DOCUMENT)).map((error) => error.message);
const data = await client.request(DOCUMENT, JSON.parse(VARIABLES));
console.log(JSON.stringify({ errors, data, mutation: printType(schema.getMutationType()) }));
