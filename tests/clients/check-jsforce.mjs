// Checks of jsforce against a server: Metadata API over SOAP and REST.
//
// Takes BASE_URL, ORG_USERNAME, and ORG_PASSWORD. Each check prints PASS or FAIL with its
// name. The checks create handlers that start with RealJsforce, delete them again, and
// touch no others.
import assert from 'node:assert/strict';

import {
  API_VERSION, BASE_URL, FOLDER, ORG_PASSWORD, ORG_USERNAME, PREFIX, SUFFIX, TYPE,
  assertDeployed, assertFailed, comparable, connection, deleteHandlers, deploy, deployOverRest,
  failures, handler, isTrue, listNames, metadata, named, newConnection, readHandler, retrieve,
  successOf, successes, toList, toManifest, toPackage, toXml, toZip, untilDone,
} from './jsforce-client.mjs';

let passed = 0;
let failed = 0;

async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`PASS ${name}`);
  } catch (error) {
    failed += 1;
    const message = String(error?.message ?? error).replace(/\s+/g, ' ').slice(0, 500);
    console.log(`FAIL ${name}: ${message}`);
  }
}

const assertListed = async (...names) => {
  const listed = await listNames();
  for (const name of names) assert.ok(listed.includes(name), `${name} isn't listed.`);
};
const assertNotListed = async (...names) => {
  const listed = await listNames();
  for (const name of names) assert.ok(!listed.includes(name), `${name} is listed.`);
};
const pathOf = (name) => `${FOLDER}/${name}.${SUFFIX}`;
const retrieved = async (name) => {
  const { files } = await retrieve([name]);
  return readHandler(files, `unpackaged/${pathOf(name)}`);
};

const FIRST = named('First');
const OVER_REST = named('Rest');
const QUICK = named('Quick');
const ABSENT = named('Absent');
const BROKEN = named('Broken');
const malformed = toXml(handler(BROKEN)).replace('</masterLabel>', '</masterLable>');

async function checkLogin() {
  await check('jsforce can\'t log in with an invalid password', async () => {
    const login = newConnection().login(ORG_USERNAME, `${ORG_PASSWORD}-invalid`);
    await assert.rejects(login, /INVALID_LOGIN|invalid/i);
  });
  await check('jsforce logs in over SOAP', async () => {
    const user = await connection.login(ORG_USERNAME, ORG_PASSWORD);
    assert.ok(connection.accessToken && user.id && user.organizationId);
    assert.equal(new URL(connection.instanceUrl).origin, new URL(BASE_URL).origin);
  });
  const unknown = newConnection({ instanceUrl: BASE_URL, accessToken: '00D000000000000!not.a.session' });
  const isInvalidSession = (error) => /INVALID_SESSION_ID/.test(
    `${error.name} ${error.errorCode} ${error.message}`,
  );
  await check('jsforce can\'t use an unknown session over SOAP', async () => {
    await assert.rejects(unknown.metadata.list([{ type: TYPE }], API_VERSION), isInvalidSession);
  });
  await check('jsforce can\'t use an unknown session over REST', async () => {
    const status = unknown.metadata.checkDeployStatus('0Af000000000000AAA', true, true);
    await assert.rejects(status, isInvalidSession);
  });
  await check('jsforce describes the metadata type', async () => {
    const types = toList((await metadata.describe(API_VERSION)).metadataObjects);
    const type = types.find((each) => each.xmlName === TYPE);
    assert.deepEqual(
      [type.directoryName, type.suffix, isTrue(type.inFolder), isTrue(type.metaFile)],
      [FOLDER, SUFFIX, false, false],
    );
  });
}

async function checkDeployAndRetrieve() {
  const first = handler(FIRST);
  await check('jsforce deploys a new handler over SOAP', async () => {
    const result = await deploy(await toPackage({ [FIRST]: first }));
    assertDeployed(result);
    assert.deepEqual([
      result.numberComponentsTotal, result.numberComponentsDeployed, result.numberComponentErrors,
    ], [1, 1, 0]);
    const row = successOf(result, FIRST);
    assert.deepEqual([row.componentType, isTrue(row.created), isTrue(row.success)], [TYPE, true, true]);
    assert.ok(row.fileName.endsWith(pathOf(FIRST)), row.fileName);
  });
  await check('jsforce lists handlers', async () => {
    const rows = await metadata.list([{ type: TYPE }], API_VERSION);
    const row = rows.find((each) => each.fullName === FIRST);
    assert.deepEqual([row.type, row.fileName], [TYPE, pathOf(FIRST)]);
    assert.ok(row.id && row.createdById && row.lastModifiedById);
    assert.ok(!Number.isNaN(Date.parse(row.lastModifiedDate)), row.lastModifiedDate);
  });
  await check('jsforce retrieves a handler unchanged', async () => {
    const { result, files } = await retrieve([FIRST]);
    assert.deepEqual([result.status, isTrue(result.success)], ['Succeeded', true]);
    const properties = toList(result.fileProperties).find((each) => each.fullName === FIRST);
    assert.equal(properties.fileName, `unpackaged/${pathOf(FIRST)}`);
    assert.ok(files.file('unpackaged/package.xml'));
    assert.deepEqual(await readHandler(files, `unpackaged/${pathOf(FIRST)}`), comparable(first));
  });
  await check('jsforce retrieves a single package', async () => {
    const { files } = await retrieve([FIRST], { singlePackage: true });
    assert.ok(files.file('package.xml'));
    assert.deepEqual(await readHandler(files, pathOf(FIRST)), comparable(first));
  });
  await check('jsforce retrieves by wildcard', async () => {
    const { files } = await retrieve(['*']);
    await readHandler(files, `unpackaged/${pathOf(FIRST)}`);
  });
  await check('jsforce gets a message for the retrieve of an unknown handler', async () => {
    const { result } = await retrieve([ABSENT]);
    const message = toList(result.messages).find((each) => each.problem.includes(ABSENT));
    assert.ok(message?.problem.includes(TYPE), JSON.stringify(result.messages));
  });
  await check('jsforce deploys a change, then the same again', async () => {
    const changes = { isJwtSupported: false, masterLabel: 'Changed label', enablements: first.enablements.slice(0, 1) };
    const changed = handler(FIRST, changes);
    let result = await deploy(await toPackage({ [FIRST]: changed }));
    assertDeployed(result);
    let row = successOf(result, FIRST);
    assert.deepEqual([isTrue(row.created), isTrue(row.changed)], [false, true]);
    result = await deploy(await toPackage({ [FIRST]: changed }));
    assertDeployed(result);
    row = successOf(result, FIRST);
    assert.equal(isTrue(row.created), false);
    assert.deepEqual(await retrieved(FIRST), comparable(changed));
  });
}

async function checkWaysToDeploy() {
  await check('jsforce deploys over REST', async () => {
    const result = await deployOverRest(await toPackage({ [OVER_REST]: handler(OVER_REST) }));
    assertDeployed(result);
    assert.equal(result.numberComponentsDeployed, 1);
    assert.ok(isTrue(successOf(result, OVER_REST).created));
    await assertListed(OVER_REST);
  });
  await check('jsforce saves nothing in a dry run', async () => {
    const name = named('Dry');
    const result = await deploy(await toPackage({ [name]: handler(name) }), { checkOnly: true });
    assertDeployed(result, { checkOnly: true });
    await assertNotListed(name);
  });
  await check('jsforce validates over REST, then deploys quickly', async () => {
    const options = { checkOnly: true, testLevel: 'RunLocalTests' };
    const result = await deployOverRest(await toPackage({ [QUICK]: handler(QUICK) }), options);
    assertDeployed(result, { checkOnly: true });
    await assertNotListed(QUICK);
    const id = await metadata.deployRecentValidation({ id: result.id, rest: true });
    assert.ok(typeof id === 'string' && id.length >= 15, JSON.stringify(id));
    assertDeployed(await untilDone(id, false));
    await assertListed(QUICK);
  });
}

async function checkFailures() {
  await check('jsforce sees malformed XML roll back the deployment', async () => {
    const good = named('Good');
    const result = await deploy(await toPackage({ [good]: handler(good), [BROKEN]: malformed }));
    const row = assertFailed(result, BROKEN);
    assert.ok(result.numberComponentErrors >= 1);
    assert.equal(row.problemType, 'Error');
    const flags = [row.success, row.created, row.changed, row.deleted].map(isTrue);
    assert.deepEqual(flags, [false, false, false, false]);
    assert.ok(row.fileName.includes(`${BROKEN}.${SUFFIX}`), row.fileName);
    await assertNotListed(good, BROKEN);
  });
  const invalid = {
    'a missing field': { masterLabel: undefined },
    'an unknown field': { isSomethingElse: true },
    'a value that isn\'t a boolean': { isEnabled: 'perhaps' },
  };
  for (const [fault, changes] of Object.entries(invalid)) {
    await check(`jsforce sees ${fault} as a component failure`, async () => {
      const name = named('Invalid');
      const result = await deploy(await toPackage({ [name]: handler(name, changes) }));
      assertFailed(result, name);
      await assertNotListed(name);
    });
  }
  await check('jsforce sees a member without a file as a component failure', async () => {
    const name = named('NoFile');
    assertFailed(await deploy(await toZip({ 'package.xml': toManifest([name]) })), name);
  });
  await check('jsforce sees malformed XML as a component failure over REST', async () => {
    assertFailed(await deployOverRest(await toPackage({ [BROKEN]: malformed })), BROKEN);
  });
}

async function checkComponents() {
  const name = named('Crud');
  const crud = { fullName: name, ...handler(name) };
  const upserted = named('Up');
  const renamed = named('Renamed');
  await check('jsforce creates a component', async () => {
    const result = await metadata.create(TYPE, crud);
    assert.deepEqual([result.success, result.fullName], [true, name], JSON.stringify(result));
    await assertListed(name);
  });
  await check('jsforce can\'t create a component twice', async () => {
    const result = await metadata.create(TYPE, crud);
    assert.equal(result.success, false, JSON.stringify(result));
    const [error] = toList(result.errors);
    assert.ok(error?.statusCode && error.message, JSON.stringify(result.errors));
  });
  await check('jsforce reads components', async () => {
    const record = await metadata.read(TYPE, name);
    assert.equal(record.fullName, name);
    assert.deepEqual(comparable(record), comparable(crud));
    const records = await metadata.read(TYPE, [name, FIRST]);
    assert.deepEqual(records.map((each) => each.fullName), [name, FIRST]);
  });
  await check('jsforce reads an unknown component as an empty record', async () => {
    const record = await metadata.read(TYPE, ABSENT);
    assert.ok(!record?.fullName, JSON.stringify(record));
  });
  await check('jsforce updates a component', async () => {
    crud.isUserCreationAllowed = false;
    const result = await metadata.update(TYPE, crud);
    assert.equal(result.success, true, JSON.stringify(result));
    assert.deepEqual(comparable(await metadata.read(TYPE, name)), comparable(crud));
  });
  await check('jsforce can\'t update an unknown component', async () => {
    const result = await metadata.update(TYPE, { fullName: ABSENT, ...handler(ABSENT) });
    assert.equal(result.success, false, JSON.stringify(result));
    await assertNotListed(ABSENT);
  });
  await check('jsforce upserts components', async () => {
    const results = await metadata.upsert(TYPE, [{ fullName: upserted, ...handler(upserted) }, crud]);
    assert.deepEqual(
      results.map((each) => [each.fullName, each.success, each.created]),
      [[upserted, true, true], [name, true, false]],
    );
    await assertListed(upserted);
  });
  await check('jsforce renames a component', async () => {
    const result = await metadata.rename(TYPE, upserted, renamed);
    assert.equal(result.success, true, JSON.stringify(result));
    await assertListed(renamed);
    await assertNotListed(upserted);
  });
  await check('jsforce deletes components', async () => {
    const results = await metadata.delete(TYPE, [name, renamed]);
    assert.deepEqual(results.map((each) => each.success), [true, true], JSON.stringify(results));
    await assertNotListed(name, renamed);
  });
  await check('jsforce can\'t delete an unknown component', async () => {
    const result = await metadata.delete(TYPE, ABSENT);
    assert.equal(result.success, false, JSON.stringify(result));
  });
}

async function checkDestructiveChanges() {
  await check('jsforce deletes by destructiveChanges.xml', async () => {
    const names = [FIRST, OVER_REST, QUICK].sort();
    const result = await deleteHandlers(names);
    assertDeployed(result);
    assert.equal(result.numberComponentErrors, 0);
    const deleted = successes(result).filter((row) => isTrue(row.deleted)).map((row) => row.fullName);
    assert.deepEqual(deleted.sort(), names);
    await assertNotListed(...names);
  });
  await check('jsforce gets a warning for the deletion of an unknown handler', async () => {
    const result = await deleteHandlers([ABSENT], { ignoreWarnings: true });
    assertDeployed(result);
    const rows = [...successes(result), ...failures(result)];
    const warnings = rows.filter((row) => row.problemType === 'Warning');
    assert.ok(warnings.some((row) => String(row.problem).includes(ABSENT)), JSON.stringify(rows));
  });
}

async function deleteLeftovers() {
  const names = (await listNames()).filter((name) => name.startsWith(PREFIX));
  if (names.length) await deleteHandlers(names);
}

await checkLogin();
await checkDeployAndRetrieve();
await checkWaysToDeploy();
await checkFailures();
await checkComponents();
await checkDestructiveChanges();
await deleteLeftovers().catch(() => {}); // The failed checks are already reported.
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
