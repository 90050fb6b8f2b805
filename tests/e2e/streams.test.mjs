// What was opened with a session ends with it: streams and sockets of the demo, with a real clock.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { me, signIn, world } from './flows.mjs';
import { cluster, overEachServer, sendLogoutToken } from './nodes.mjs';
import { openHttp2Stream, openSocket, openStream } from './open.mjs';
import { fromSignIn } from './provider.mjs';

const LIMIT = { timeout: 60_000 };

/** One of each kind, ticking. */
async function openAll(client, node) {
  const open = [openStream(client, node), openHttp2Stream(client, node), openSocket(client, node)];
  for (const one of open) await one.until(2);
  assert.deepEqual(open.map(({ status }) => status), [200, 200, 101]);
  return open;
}

async function assertEnded([stream, http2, socket], reason) {
  const ended = await Promise.all([stream.ended, http2.ended, socket.ended]);
  assert.deepEqual(ended.map(({ clean }) => clean), [true, true, undefined], 'streams end cleanly');
  assert.deepEqual([ended[2].code, ended[2].reason], [1008, reason]);
  return ended.map(({ at }) => at);
}

describe('streams and sockets', { concurrency: 4 }, () => {
  test('opened under a ceiling of now + 33 s they tick and end about 3 s later', LIMIT, async (t) => {
    const { demo, client } = await world(t, { sessionExpiry: fromSignIn(35) });
    const browser = client();
    await signIn(browser, demo);
    const { session_expires_at: deadline } = await me(browser, demo);
    const open = await openAll(browser, demo);
    for (const at of await assertEnded(open, 'session_expired')) {
      assert.ok(at > deadline - 0.1 && at < deadline + 1.5, `${at - deadline} s after the deadline`);
    }
    assert.ok(open.every(({ ticks }) => ticks >= 3));
  });

  test('a logout token ends them within a second', LIMIT, async (t) => {
    const { op, demo, client } = await world(t, {});
    const [browser, other] = [client(), client()];
    await signIn(browser, demo);
    await signIn(other, demo);
    const [open, stays] = [await openAll(browser, demo), openStream(other, demo)];
    const sentAt = Date.now() / 1000;
    const token = op.logoutToken({ sid: op.issued[0].claims.sid });
    assert.equal((await sendLogoutToken(demo, token)).status, 200);
    for (const at of await assertEnded(open, 'session_revoked')) assert.ok(at < sentAt + 1);
    const { ticks } = stays;
    await stays.until(ticks + 2);
  });

  test('over one SQLite file the other process ends them within 2 s', LIMIT, async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'streams-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const store = `sqlite:${path.join(folder, 'sessions')}`;
    const { op, nodes: [a, b], client } = await cluster(t, { store });
    const browser = client(a);
    await signIn(browser, a);
    const open = await openAll(browser, a);
    assert.equal((await sendLogoutToken(b, op.logoutToken({ sid: op.issued[0].claims.sid }))).status, 200);
    const answeredAt = Date.now() / 1000;
    for (const at of await assertEnded(open, 'session_revoked')) {
      assert.ok(at < answeredAt + 2.5, `${at - answeredAt} s`);
    }
  });

  test('SIGTERM ends the demo although they are open', LIMIT, async (t) => {
    const { demo, client } = await world(t, {});
    const browser = client();
    await signIn(browser, demo);
    const open = await openAll(browser, demo);
    const began = Date.now();
    await demo.stop();
    assert.ok(Date.now() - began < 10_000);
    await Promise.all(open.map(({ ended }) => ended));
  });
});

overEachServer('streams and sockets on two nodes', (server) => {
  for (const push of ['off', 'on']) {
    test(`a logout token on the other node ends them within a second, SESSION_PUSH=${push}`, LIMIT, async (t) => {
      const env = { SESSION_PUSH: push };
      const { op, nodes: [a, b], client } = await cluster(t, { store: await server().place(), env });
      const browser = client(a);
      await signIn(browser, a);
      const open = await openAll(browser, a);
      const sentAt = Date.now() / 1000;
      const token = op.logoutToken({ sid: op.issued[0].claims.sid });
      assert.equal((await sendLogoutToken(b, token)).status, 200);
      for (const at of await assertEnded(open, 'session_revoked')) {
        assert.ok(at < sentAt + 1, `${at - sentAt} s`);
        t.diagnostic(`ended ${Math.round((at - sentAt) * 1000)} ms after the logout token was sent`);
      }
    });
  }
});
