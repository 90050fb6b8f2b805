// What is in a store, and what was: nothing that opens a session, nobody's name.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, signIn } from './flows.mjs';
import { cluster, overEachServer } from './nodes.mjs';
import { fromSignIn } from './provider.mjs';
import { kindsIn } from './secrets.mjs';

const LIMIT = { timeout: 90_000 };

overEachServer('the content', (server) => {
  test('shows no secret after a sign-in, a refresh and a sign-out', LIMIT, async (t) => {
    const dump = () => server().dump();
    await searched(t, { store: await server().place(), dump, keep: (text) => server().keep(text) });
  });
});

test('an SQLite file shows no secret after a sign-in, a refresh and a sign-out', LIMIT, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'e2e-sqlite-'));
  t.after(() => rmSync(folder, { recursive: true }));
  let kept = '';
  // The file itself, its write-ahead log, its index of that.
  const dump = () => Buffer.concat([
    ...readdirSync(folder).map((name) => readFileSync(path.join(folder, name))), Buffer.from(kept),
  ]);
  const store = `sqlite:${path.join(folder, 'sessions.db')}`;
  await searched(t, { store, dump, keep: (text) => { kept = text; } });
});

async function searched(t, { store, dump, keep }) {
  const { op, nodes: [a], client } = await cluster(t, {
    store, names: ['a'], accessTokenTtl: 2, sessionExpiry: fromSignIn(3600),
  });
  const browser = client(a);
  await signIn(browser, a);
  await sleep(2100);
  assert.equal((await browser.fetch(`${a.baseUrl}/api/userinfo`)).status, 200);
  assert.equal(op.refreshes, 1);
  for (const value of browser.cookieValues) {
    if (value.length >= 16) op.secrets.add('cookie', value);
    // The session cookie's halves: what finds the session, and what seals it.
    const halves = Buffer.from(value, 'base64url');
    if (value.length !== 43) continue;
    op.secrets.add('finder', halves.toString('latin1', 0, 16));
    op.secrets.add('sealer', halves.toString('latin1', 16));
  }
  for (const kind of [
    'access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'state', 'nonce', 'sub',
    'sid', 'email', 'name', 'client secret', 'cookie', 'finder', 'sealer',
  ]) assert.ok(op.secrets.kinds.has(kind), `no ${kind} was collected`);
  const live = await dump();
  assert.ok(live.length > 1000, 'nothing is kept');
  assert.deepEqual(kindsIn(live, op.secrets), []);

  const [{ refresh_token: token }] = op.issued.slice(-1);
  await browser.submit(`${a.baseUrl}/auth/logout`);
  await eventually(() => op.revoked.includes(token), 'revoked');
  assert.deepEqual(kindsIn(await dump(), op.secrets), []);

  // It would be found.
  const email = Buffer.from('alice@users.example.test');
  for (const text of [token, ` ${email.toString('base64')}`, email.toString('hex')]) {
    assert.equal(kindsIn(Buffer.from(`...${text}...`), op.secrets).length, 1);
  }
  await keep(email.toString('hex'));
  assert.deepEqual(kindsIn(await dump(), op.secrets), ['email']);
}
