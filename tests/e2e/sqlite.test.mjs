// Sessions in an SQLite file: they survive the process, and two processes may share it.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertRefused, me, signIn } from './flows.mjs';
import { cluster, quickSignIn, sendLogoutToken, sessionHeader, status } from './nodes.mjs';

const LIMIT = { timeout: 60_000 };

/** A file in a folder that ends with the test. */
function file(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'e2e-sqlite-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return `sqlite:${path.join(folder, 'sessions.db')}`;
}

test('a restart of the demo keeps sessions, and keeps the ended ones dead', LIMIT, async (t) => {
  const all = await cluster(t, { store: file(t), names: ['a'] });
  let [a] = all.nodes;
  const browser = all.client(a);
  await signIn(browser, a);
  const before = await me(browser, a);
  assert.match((await browser.navigate(`${a.baseUrl}/`)).text, /Sessions are kept in an SQLite file\./);
  const leaver = browser.sibling();
  await quickSignIn(leaver, a);
  const cookie = sessionHeader(leaver, a);
  await leaver.submit(`${a.baseUrl}/auth/logout`);
  for (let restart = 0; restart < 2; restart += 1) {
    a = await all.restart('a');
    const { claims, session_expires_at: deadline } = await me(browser, a);
    assert.deepEqual(claims, before.claims);
    assert.ok(Math.abs(deadline - before.session_expires_at) <= 60);
    await assertRefused(all.client(a), a, 'login_required', { cookie });
  }
});

test('two processes on one file see each other\'s changes at once', LIMIT, async (t) => {
  const { op, nodes: [a, b], client } = await cluster(t, { store: file(t), accessTokenTtl: 2 });
  const browser = client(a);
  await signIn(browser, a);
  await me(browser.via(b), b);
  await sleep(2100);
  op.accessTokenTtl = 3600;
  const elsewhere = client(b);
  elsewhere.jar = browser.via(a).jar;
  const calls = Array.from({ length: 20 }, (_, index) => {
    const by = index % 2 === 0 ? browser : elsewhere;
    return by.fetch(`${a.baseUrl}/api/userinfo`);
  });
  assert.deepEqual((await Promise.all(calls)).map((answer) => answer.status), Array(20).fill(200));
  assert.equal(op.refreshes, 1);

  const other = browser.sibling().via(b);
  await quickSignIn(other, a);
  const cookie = sessionHeader(other, a);
  await other.submit(`${a.baseUrl}/auth/logout`);
  await assertRefused(client(a), a, 'login_required', { cookie });
  const told = await sendLogoutToken(b, op.logoutToken({ sub: op.issued[0].claims.sub }));
  assert.equal(told.status, 200, told.text);
  assert.equal(await status(browser, a), 401);
});
