// Unusable settings are said clearly and at once; a SIGTERM is obeyed.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN_BINARY, spawnDemo, startDemo } from './demo.mjs';
import { beginSignIn, finishSignIn, me, signIn, world } from './flows.mjs';
import { Client } from './http.mjs';
import { close, freePort, listen } from './ports.mjs';
import { startProvider } from './provider.mjs';

const KEY = randomBytes(64).toString('base64');
const PROVIDER = {
  OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: 'client', OIDC_CLIENT_SECRET: 'secret',
};

const UNUSABLE = [
  ['SESSION_STORE', 'an unknown store', { SESSION_STORE: 'floppy' }],
  ['SESSION_STORE|sqlite', 'a file in no folder', { SESSION_STORE: 'sqlite:/nonexistent/s.db', COOKIE_KEY: KEY }],
  ['SESSION_STORE', 'a folder for a file', { SESSION_STORE: 'sqlite:/tmp', COOKIE_KEY: KEY }],
  ['SESSION_STORE', 'a file that cannot be written', { SESSION_STORE: 'sqlite:/proc/s.db', COOKIE_KEY: KEY }],
  ['SESSION_STORE', 'a file that is no database', { SESSION_STORE: `sqlite:${import.meta.filename}`, COOKIE_KEY: KEY }],
  ['SESSION_STORE', 'a URL of a store that is none', { SESSION_STORE: 'redis://', COOKIE_KEY: KEY }],
  ['COOKIE_KEY', 'a shared store without a key', { SESSION_STORE: 'redis://127.0.0.1:9' }],
  ['COOKIE_KEY', 'a file without a key', { SESSION_STORE: 'sqlite:/tmp/never-made.db' }],
  ['COOKIE_KEY', 'a key that is not base64', { COOKIE_KEY: '!!!' }],
  ['COOKIE_KEY', 'a key that is too short', { COOKIE_KEY: randomBytes(32).toString('base64') }],
  ['COOKIE_KEY', 'a key that is not random', { COOKIE_KEY: Buffer.alloc(64, 7).toString('base64') }],
  ['OIDC_ISSUER', 'a plain http issuer elsewhere', { ...PROVIDER, OIDC_ISSUER: 'http://op.example.com' }],
  ['OIDC_ISSUER', 'an issuer that is no URL', { ...PROVIDER, OIDC_ISSUER: 'op.example.com' }],
  ['OIDC_CLIENT_ID', 'an issuer without a client', { OIDC_ISSUER: 'http://127.0.0.1:9' }],
  ['LISTEN_ADDR', 'an address that is none', { LISTEN_ADDR: 'localhost-3000' }],
  ['BASE_URL', 'a base URL that is none', { BASE_URL: 'app.example.com' }],
  ['SESSION_IDLE_SECONDS', 'a limit that is no number', { SESSION_IDLE_SECONDS: 'soon' }],
  ['ID_TOKEN_ALG', 'an algorithm that signs nothing', { ...PROVIDER, ID_TOKEN_ALG: 'none' }],
  ['MALFORMED_EXPIRY', 'a policy that allows everything', { MALFORMED_EXPIRY: 'ignore' }],
  ['MALFORMED_EXPIRY', 'a cap that the leeway eats up', { MALFORMED_EXPIRY: '30' }],
  ['SESSION_ABSOLUTE_SECONDS', 'an absolute limit of nothing', { SESSION_ABSOLUTE_SECONDS: '0' }],
  ['SESSION_PUSH', 'a push that pushes nothing', { SESSION_PUSH: 'maybe' }],
  ['SESSION_PUSH', 'a push without a store that pushes', { SESSION_PUSH: 'on' }],
  ['SESSION_PUSH', 'a wait for nodes that there are not', { SESSION_PUSH: 'wait' }],
  ['RENEWAL', 'a renewal of no kind', { RENEWAL: 'always' }],
  ['REFRESH_REJECTED', 'an answer to a refusal of no kind', { REFRESH_REJECTED: 'ignore' }],
  ['OIDC_SCOPES', 'a scope that is none', { OIDC_SCOPES: 'openid "email"' }],
  ['OIDC_SCOPES', 'scopes with commas', { OIDC_SCOPES: 'openid,email' }],
  ['OIDC_ISSUER', 'the URL of a discovery document', {
    ...PROVIDER, OIDC_ISSUER: 'http://127.0.0.1:9/.well-known/openid-configuration',
  }],
  ['OIDC_CLIENT_SECRET', 'a secret with a line break', { ...PROVIDER, OIDC_CLIENT_SECRET: 'secret\n' }],
  ['CLIENT_AUTH', 'an authentication of no kind', { ...PROVIDER, CLIENT_AUTH: 'digest' }],
  ['CLIENT_AUTH', 'an authentication without a secret', {
    OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: 'client', CLIENT_AUTH: 'post',
  }],
  ['TRUSTED_AUDIENCES', 'an empty audience', { ...PROVIDER, TRUSTED_AUDIENCES: 'a,,b' }],
  ['SSL_CERT_FILE', 'trust roots that are not there', { SSL_CERT_FILE: '/nonexistent/roots.pem' }],
  ['RUST_LOG', 'a log filter that is none', { RUST_LOG: 'demo=loudest' }],
];

describe('the demo does not start with', { concurrency: 4 }, () => {
  for (const [variable, what, env] of UNUSABLE) {
    test(`${what} (${variable})`, async (t) => {
      const port = await freePort();
      const demo = spawnDemo({ LISTEN_ADDR: `127.0.0.1:${port}`, ...env });
      t.after(() => demo.stop());
      await assertRefusedStart(demo, new RegExp(variable));
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    });
  }

  for (const [feature, url] of [
    ['postgres', 'postgres://app:correct-horse@127.0.0.1:9/s'],
    ['redis', 'redis://:correct-horse@127.0.0.1:9'],
  ]) {
    test(`a store that this build does not have (${feature})`, async (t) => {
      const port = await freePort();
      const env = { LISTEN_ADDR: `127.0.0.1:${port}`, SESSION_STORE: url, COOKIE_KEY: KEY };
      const demo = spawnDemo(env, PLAIN_BINARY);
      t.after(() => demo.stop());
      await assertRefusedStart(demo, new RegExp(`SESSION_STORE.*--features ${feature}`));
      assert.doesNotMatch(demo.log, /correct-horse/);
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    });
  }

  test('an address that is taken (LISTEN_ADDR)', async (t) => {
    const taken = createServer();
    const port = await listen(taken);
    t.after(() => close(taken));
    const demo = spawnDemo({ LISTEN_ADDR: `127.0.0.1:${port}` });
    t.after(() => demo.stop());
    await assertRefusedStart(demo, /LISTEN_ADDR|127\.0\.0\.1/);
  });
});

async function assertRefusedStart(demo, message) {
  const result = await Promise.race([demo.ended, sleep(10_000, 'runs', { ref: false })]);
  assert.notEqual(result, 'runs', 'the demo started');
  assert.equal(result.error, undefined);
  assert.ok(result.code > 0, JSON.stringify(result));
  assert.match(demo.stderr, message);
  assert.doesNotMatch(demo.stderr, /panicked at/);
}

test('SIGTERM ends the demo while a request is under way', async (t) => {
  const { demo } = await world(t);
  const { hostname, port } = new URL(demo.baseUrl);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: ');
  const { code, signal } = await demo.stop();
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
});

test('SIGTERM ends the demo with its embedded provider', async () => {
  const demo = await startDemo({ name: 'embedded-sigterm' });
  const { code, signal } = await demo.stop();
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
});

test('limits, scopes, the cap for a malformed claim and several keys are heard', async (t) => {
  const keys = [randomBytes(64), randomBytes(64)].map((key) => key.toString('base64'));
  const { op, demo, client } = await world(t, {
    sessionExpiry: () => 'soon',
    env: {
      SESSION_IDLE_SECONDS: '900', SESSION_ABSOLUTE_SECONDS: '1200', MALFORMED_EXPIRY: '600',
      OIDC_SCOPES: 'openid email', TRUSTED_AUDIENCES: 'a, b', CLIENT_AUTH: 'auto', COOKIE_KEY: keys.join(','), RENEWAL: 'refresh', SESSION_PUSH: 'off',
    },
  });
  const browser = client();
  await signIn(browser, demo);
  const { claims, ceiling, session_expires_at: deadline } = await me(browser, demo);
  assert.equal(ceiling, claims.iat + 600);
  assert.equal(deadline, ceiling - 30);
  const scope = op.authorizationRequests[0].get('scope');
  assert.equal(scope, 'openid email');
  op.sessionExpiry = () => undefined;
  await signIn(client(), demo);
  const second = client();
  await signIn(second, demo);
  const signedInAt = Math.floor(Date.now() / 1000);
  const idle = (await me(second, demo)).session_expires_at - signedInAt;
  assert.ok(idle > 890 && idle <= 901, `the idle limit binds: ${idle}`);
});

test('below a path prefix everything stays below it', async (t) => {
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}/shop`;
  const op = await startProvider({ baseUrl });
  t.after(() => op.stop());
  const demo = await startDemo({ provider: op, port, baseUrl, name: t.name });
  t.after(() => demo.stop());
  const browser = new Client({});
  const form = await beginSignIn(browser, demo, { returnTo: '/shop/profile' });
  const callback = await finishSignIn(browser, demo, form);
  assert.equal(callback.status, 303, callback.text);
  assert.equal(callback.location, `${baseUrl}/profile`);
  assert.equal((await browser.navigate(callback.location)).status, 200);
  await me(browser, demo);
  const refused = await new Client({}).navigate(`${baseUrl}/profile`);
  assert.equal(refused.location, `${baseUrl}/auth/login?return_to=%2Fshop%2Fprofile`);
});
