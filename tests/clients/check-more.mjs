// Create, change, read, and delete a list of records with jsforce.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const jsforce = createRequire(join(process.env.JSFORCE, 'package.json'))('jsforce');
const { BASE_URL, ACCESS_TOKEN } = process.env;
const org = new jsforce.Connection({ instanceUrl: BASE_URL, accessToken: ACCESS_TOKEN, version: '62.0' });
const handlers = org.sobject('OauthTokenExchangeHandler');

const { records: [apex] } = await org.query('SELECT Id FROM ApexClass LIMIT 1');
const created = await handlers.create(['More_One', 'More_Two'].map((name) => ({
  DeveloperName: name,
  MasterLabel: name,
  Description: 'Mine',
  SupportedTokenTypesJwt: true,
  TokenHandlerApexId: apex.Id,
})));
assert.deepEqual(created.map((each) => each.success), [true, true]);

const ids = created.map((each) => each.id);
await handlers.update(ids.map((Id) => ({ Id, MasterLabel: 'Changed' })));
await handlers.upsert({ Id: ids[0], Description: 'Upserted' }, 'Id');
const read = await handlers.retrieve(ids);
assert.deepEqual(read.map((each) => each.MasterLabel), ['Changed', 'Changed']);
assert.equal(read[0].Description, 'Upserted');
assert.ok((await handlers.describe()).fields.some((field) => field.name === 'MasterLabel' && field.updateable));

const deleted = await handlers.destroy(ids);
assert.deepEqual(deleted.map((each) => each.success), [true, true]);
assert.equal(await handlers.count({ DeveloperName: { $in: ['More_One', 'More_Two'] } }), 0);
