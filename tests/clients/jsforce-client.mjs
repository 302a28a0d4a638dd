// jsforce with a connection to BASE_URL, and the handler files that checks send.
//
// Installs jsforce into CLIENTS_CACHE. Takes ORG_USERNAME and ORG_PASSWORD too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const VERSION = '3.10.16';
const JOB_SECONDS = 60;
const CACHE = process.env.CLIENTS_CACHE || join(homedir(), '.cache', 'real-clients');

export const { BASE_URL, ORG_USERNAME, ORG_PASSWORD } = process.env;
export const API_VERSION = '62.0';
export const TYPE = 'OauthTokenExchangeHandler';
export const FOLDER = 'oauthtokenexchangehandlers';
export const SUFFIX = 'oauthtokenexchangehandler';
const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

// The demo org has these.
const APEX_CLASS = 'MyOauthTokenExchangeHandler';
const RUN_AS = 'integrationuser@mycompany.com';
const APPS = ['TokenExchangeApp1', 'TokenExchangeApp2'];

// Installation

function install() {
  const folder = join(CACHE, `jsforce-${VERSION}`);
  if (!existsSync(join(folder, 'node_modules', 'jsforce', 'package.json'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
    const options = ['--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder];
    const packages = [`jsforce@${VERSION}`, 'jszip@3.10.1'];
    execFileSync('npm', ['install', ...options, ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, npm_config_update_notifier: 'false' },
    });
  }
  return createRequire(join(folder, 'package.json'));
}

const require = install();
const jsforce = require('jsforce');
const JSZip = require('jszip');
const xml2js = require('xml2js');

// Connections

export const newConnection = (options) => {
  const connection = new jsforce.Connection({ loginUrl: BASE_URL, version: API_VERSION, ...options });
  connection._logger?.setLogLevel?.('NONE');
  return connection;
};
export const connection = newConnection();
export const metadata = connection.metadata;
metadata.pollInterval = 500;
metadata.pollTimeout = JOB_SECONDS * 1000;

// Values

// jsforce returns a single element as an object instead of a list.
export const toList = (value) => (value == null ? [] : [value].flat());
// Results of unknown types are text.
export const isTrue = (value) => value === true || value === 'true';

// Files

export const PREFIX = `RealJsforce_${randomBytes(4).toString('hex')}`;
export const named = (suffix) => `${PREFIX}_${suffix}`;

export const handler = (name, changes = {}) => ({
  description: `Checked by jsforce: é & <angle> "quotes" 'single'`,
  developerName: name,
  enablements: APPS.map((app) => ({ apexExecutionUser: RUN_AS, connectedApp: app, isDefault: false })),
  isAccessTokenSupported: true,
  isEnabled: true,
  isIdTokenSupported: false,
  isJwtSupported: true,
  isProtected: false,
  isRefreshTokenSupported: false,
  isSaml2Supported: false,
  isUserCreationAllowed: true,
  masterLabel: `Label ${name}`,
  tokenHandlerApex: APEX_CLASS,
  ...changes,
});

const escapeText = (text) => String(text)
  .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const element = (key, value, indent) => (typeof value === 'object'
  ? `${indent}<${key}>\n${elements(value, `${indent}    `)}${indent}</${key}>\n`
  : `${indent}<${key}>${escapeText(value)}</${key}>\n`);

const elements = (fields, indent = '    ') => Object.entries(fields)
  .flatMap(([key, value]) => toList(value).map((each) => element(key, each, indent)))
  .join('');

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const toXml = (fields) => `${DECLARATION}<${TYPE} xmlns="${NAMESPACE}">\n${elements(fields)}</${TYPE}>\n`;

export const toManifest = (names) => {
  const types = names.length ? { types: { members: names, name: TYPE } } : {};
  return `${DECLARATION}<Package xmlns="${NAMESPACE}">\n${elements({ ...types, version: API_VERSION })}</Package>\n`;
};

export const toZip = (files) => {
  const archive = new JSZip();
  for (const [path, text] of Object.entries(files)) archive.file(path, text);
  return archive.generateAsync({ type: 'nodebuffer', compression: 'DEFLATE' });
};

// A package with a handler or raw text in each file.
export const toPackage = (files) => toZip(Object.fromEntries([
  ['package.xml', toManifest(Object.keys(files))],
  ...Object.entries(files).map(([name, content]) => [
    `${FOLDER}/${name}.${SUFFIX}`,
    typeof content === 'string' ? content : toXml(content),
  ]),
]));

// All values as text and in one order, so that sent and returned handlers compare.
export const comparable = (fields) => {
  const entries = Object.entries(fields)
    .filter(([key, value]) => value != null && key !== '$' && key !== 'fullName')
    .map(([key, value]) => [key, key === 'enablements' ? comparableApps(value) : String(value)]);
  return Object.fromEntries(entries);
};
const comparableApps = (apps) => toList(apps).map(comparable)
  .sort((one, other) => (one.connectedApp < other.connectedApp ? -1 : 1));

// Jobs

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export async function untilDone(id, overRest) {
  for (const end = Date.now() + JOB_SECONDS * 1000; Date.now() < end;) {
    const result = await metadata.checkDeployStatus(id, true, overRest);
    if (result.done) return result;
    await pause(300);
  }
  throw new Error(`The deployment ${id} didn't end in ${JOB_SECONDS} seconds.`);
}

// A job that times out also emits an error, which Node would raise.
const complete = (job, details) => {
  job.on('error', () => {});
  return job.complete(details);
};

export async function deploy(zip, options = {}) {
  return complete(metadata.deploy(zip, { rollbackOnError: true, singlePackage: true, ...options }), true);
}

export async function deployOverRest(zip, options = {}) {
  const job = await metadata.deployRest(zip, { rollbackOnError: true, singlePackage: true, ...options });
  return untilDone(job.id, true);
}

export async function deleteHandlers(names, options = {}) {
  const files = { 'package.xml': toManifest([]), 'destructiveChanges.xml': toManifest(names) };
  return deploy(await toZip(files), options);
}

export async function retrieve(members, { singlePackage = false } = {}) {
  const unpackaged = { types: [{ members, name: TYPE }], version: API_VERSION };
  const result = await complete(metadata.retrieve({ apiVersion: API_VERSION, singlePackage, unpackaged }));
  const files = await JSZip.loadAsync(Buffer.from(result.zipFile || '', 'base64'));
  return { result, files };
}

export async function readHandler(files, path) {
  const file = files.file(path);
  assert.ok(file, `${path} isn't in the zip (${Object.keys(files.files).join(', ')}).`);
  const document = await xml2js.parseStringPromise(await file.async('string'), { explicitArray: false });
  return comparable(document[TYPE]);
}

export const listNames = async () => (await metadata.list([{ type: TYPE }], API_VERSION))
  .map((row) => row.fullName);

// Results

export const successes = (result) => toList(result.details?.componentSuccesses);
export const failures = (result) => toList(result.details?.componentFailures);
export const successOf = (result, name) => successes(result).find((row) => row.fullName === name);
export const failureOf = (result, name) => failures(result).find((row) => row.fullName === name);

export function assertDeployed(result, expected = {}) {
  const { status, success, checkOnly } = result;
  const problems = failures(result).map((row) => `${row.fullName}: ${row.problem}`).join('; ');
  assert.deepEqual(
    { status, success, checkOnly },
    { status: 'Succeeded', success: true, checkOnly: false, ...expected },
    `${status}: ${problems} ${result.errorMessage ?? ''}`,
  );
}

export function assertFailed(result, name) {
  assert.deepEqual([result.status, result.success], ['Failed', false]);
  const row = failureOf(result, name);
  assert.ok(row?.problem, `No failure has a problem of ${name}: ${JSON.stringify(failures(result))}`);
  return row;
}
