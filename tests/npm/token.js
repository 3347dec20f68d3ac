// openid-client as it comes: finds the token endpoint by itself, and gets a token with CLIENT_ID and CLIENT_SECRET.

import * as oauth from "openid-client";

const { ORIGIN, CLIENT_ID, CLIENT_SECRET } = process.env;

const told = [];
for (const authenticate of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
  const configuration = await oauth.discovery(
    new URL(ORIGIN),
    CLIENT_ID,
    CLIENT_SECRET,
    authenticate(CLIENT_SECRET),
    { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] },
  );
  const token = await oauth.clientCredentialsGrant(configuration);
  const before = await oauth.tokenIntrospection(configuration, token.access_token);
  await oauth.tokenRevocation(configuration, token.access_token);
  const after = await oauth.tokenIntrospection(configuration, token.access_token);
  const kept = await oauth.clientCredentialsGrant(configuration);
  told.push({ token: kept, active: [before.active, after.active] });
}
console.log(JSON.stringify(told));
