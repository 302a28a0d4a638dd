// Exchanges tokens with openid-client and jsforce. check-oauth.sh sets the environment.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const {
  BASE_URL, CLIENT_ID, CLIENT_SECRET, SUBJECT_TOKEN, FORGED_TOKEN, TOKEN_HANDLER,
  OPENID_CLIENT, JSFORCE,
} = process.env;
const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const EXCHANGE = { subject_token: SUBJECT_TOKEN, subject_token_type: JWT };
// The message of the demo org's class.
const REFUSED = 'The token could not be validated.';

const load = (folder) => createRequire(join(folder, 'package.json'));
const client = await import(load(OPENID_CLIENT).resolve('openid-client'));
const jsforce = load(JSFORCE)('jsforce');

let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`PASS ${name}`);
  } catch (error) {
    failed += 1;
    const message = String(error?.message ?? error).replace(/\s+/g, ' ').slice(0, 500);
    console.log(`FAIL ${name}: ${message} ${JSON.stringify(error?.cause ?? {}).slice(0, 300)}`);
  }
}

let config;
let tokens;
await check('openid-client discovers the server', async () => {
  const options = { execute: [client.allowInsecureRequests] };
  config = await client.discovery(new URL(BASE_URL), CLIENT_ID, CLIENT_SECRET, undefined, options);
  assert.equal(config.serverMetadata().issuer, BASE_URL);
});
await check('openid-client exchanges a token', async () => {
  tokens = await client.genericGrantRequest(config, GRANT, EXCHANGE);
  assert.ok(tokens.access_token && tokens.refresh_token && tokens.id_token);
});
await check('openid-client exchanges a token with a named handler', async () => {
  const parameters = { ...EXCHANGE, token_handler: TOKEN_HANDLER, scope: 'api' };
  const answer = await client.genericGrantRequest(config, GRANT, parameters);
  assert.equal(answer.scope, 'api');
  assert.equal(answer.refresh_token, undefined);
});
await check('openid-client shows why a token is refused', async () => {
  const parameters = { ...EXCHANGE, subject_token: FORGED_TOKEN };
  const isRefused = (error) => error.error === 'invalid_request' && error.error_description === REFUSED;
  await assert.rejects(client.genericGrantRequest(config, GRANT, parameters), isRefused);
});
await check('openid-client gets user information', async () => {
  const user = await client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck);
  assert.ok(user.user_id && user.organization_id && user.preferred_username);
});
await check('openid-client refreshes a token', async () => {
  const answer = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.ok(answer.access_token && answer.access_token !== tokens.access_token);
});
await check('openid-client introspects a token', async () => {
  const answer = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([answer.active, answer.client_id], [true, CLIENT_ID]);
});
await check('openid-client revokes a token', async () => {
  await client.tokenRevocation(config, tokens.access_token, { token_type_hint: 'access_token' });
  const answer = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(answer.active, false);
});

const oauth2 = { loginUrl: BASE_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUri: `${BASE_URL}/callback` };
const connection = new jsforce.Connection({ oauth2, version: '62.0' });
await check('jsforce exchanges a token and queries', async () => {
  const user = await connection.authorize({ grant_type: GRANT, ...EXCHANGE });
  assert.ok(user.id && user.organizationId);
  const { records } = await connection.query(`SELECT Username FROM User WHERE Id = '${user.id}'`);
  assert.equal(records.length, 1);
});
await check('jsforce shows why a token is refused', async () => {
  const other = new jsforce.Connection({ oauth2 });
  const attempt = other.authorize({ grant_type: GRANT, ...EXCHANGE, subject_token: FORGED_TOKEN });
  await assert.rejects(attempt, new RegExp(REFUSED));
});
await check('jsforce refreshes a token', async () => {
  const answer = await connection.oauth2.refreshToken(connection.refreshToken);
  assert.ok(answer.access_token);
});
await check('jsforce gets the identity', async () => {
  const identity = await connection.identity();
  assert.ok(identity.user_id && identity.organization_id);
});
await check('jsforce revokes a token', async () => {
  const token = connection.accessToken;
  await connection.oauth2.revokeToken(token);
  const ended = new jsforce.Connection({ instanceUrl: BASE_URL, accessToken: token, version: '62.0' });
  await assert.rejects(ended.query('SELECT Id FROM User LIMIT 1'), /INVALID_SESSION_ID|Session expired/);
});
process.exit(failed ? 1 : 0);
