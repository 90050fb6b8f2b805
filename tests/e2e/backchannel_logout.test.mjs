// Logout tokens from the provider: they end sessions on every node, and nothing brings one back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCountingProxy } from './counting_proxy.mjs';
import { eventually, me, signIn } from './flows.mjs';
import { cluster, overEachServer, quickSignIn, sendLogoutToken, status } from './nodes.mjs';

const LIMIT = { timeout: 60_000 };

async function assertCarriedOut(node, token) {
  const answer = await sendLogoutToken(node, token);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers['cache-control'], /no-store/);
}

overEachServer('back-channel logout', (server) => {
  test('the provider\'s own logout ends the session on both nodes', LIMIT, async (t) => {
    const { op, nodes: [a, b], client } = await cluster(t, { store: await server().place() });
    const browser = client(a);
    await signIn(browser, a);
    await me(browser.via(b), b);
    // The user signs out at the provider, which tells the application before it answers.
    const question = await browser.navigate(`${op.issuer}/session/end`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(question.text)[1];
    await browser.submit(`${op.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    assert.equal(await status(browser.via(b), b), 401);
    assert.equal(await status(browser.via(a), a), 401);
  });

  test('with the answer to the token the session is over on the other node', LIMIT, async (t) => {
    const { op, nodes: [a, b], client } = await cluster(t, { store: await server().place() });
    const [first, second] = [client(b), client(b)];
    await signIn(first, a);
    await signIn(second, a);
    const [one, two] = op.issued.map(({ claims }) => claims.sid);
    assert.notEqual(one, two);
    await assertCarriedOut(a, op.logoutToken({ sid: one }));
    assert.equal(await status(first, b), 401);
    await me(second, b);
    const { sub } = op.issued[1].claims;
    await assertCarriedOut(b, op.logoutToken({ sub }));
    assert.equal(await status(second.via(a), a), 401);
  });

  for (const isDeaf of [false, true]) {
    const hearing = isDeaf ? 'which hears nothing of it' : 'which hears of it';
    test(`with SESSION_PUSH=wait it is over on the other node, ${hearing}`, LIMIT, async (t) => {
      const store = await server().place();
      const proxy = await startCountingProxy({ url: store, t });
      const all = await cluster(t, { store, names: ['a'], env: { SESSION_PUSH: 'wait' } });
      const b = await all.start('b', { env: { SESSION_STORE: proxy.url } });
      const [a] = all.nodes;
      const browser = all.client(b);
      await signIn(browser, a);
      const { sub } = all.op.issued[0].claims;
      for (let round = 0; round < 3; round += 1) {
        const other = browser.sibling().via(b);
        await quickSignIn(other, a);
        // In the other node's memory, before the token comes.
        const asked = proxy.roundTrips;
        for (let use = 0; use < 10; use += 1) await me(other, b);
        assert.ok(proxy.roundTrips < asked + 10, 'the other node keeps nothing in memory');
        if (isDeaf) proxy.deafen();
        const token = all.op.logoutToken({ sub, iat: Math.floor(Date.now() / 1000) });
        await assertCarriedOut(a, token);
        assert.equal(await status(other, b), 401);
        if (isDeaf) return;
      }
    });
  }

  test('with SESSION_PUSH=on the session is over within 2 s', LIMIT, async (t) => {
    const { op, nodes: [a, b], client } = await cluster(t, {
      store: await server().place(), env: { SESSION_PUSH: 'on' },
    });
    const browser = client(b);
    await signIn(browser, a);
    const { sub } = op.issued[0].claims;
    const took = [];
    for (let round = 0; round < 3; round += 1) {
      const other = browser.sibling().via(b);
      await quickSignIn(other, a);
      // In the other node's memory, before the token comes.
      for (let use = 0; use < 10; use += 1) await me(other, b);
      await assertCarriedOut(a, op.logoutToken({ sub, iat: Math.floor(Date.now() / 1000) }));
      const answeredAt = Date.now();
      while (await status(other, b) !== 401) {
        assert.ok(Date.now() < answeredAt + 2000, 'the session lives on for more than 2 s');
      }
      took.push(Date.now() - answeredAt);
      // A login that begins in the second of the token is not later than it.
      await sleep(1100);
    }
    t.diagnostic(`over after ${took.join(', ')} ms`);
  });

  test('by sub all sessions of the user end, and none of another', LIMIT, async (t) => {
    const { op, nodes: [a, b], client } = await cluster(t, { store: await server().place() });
    const [alice, bob] = [client(a), client(a)];
    await signIn(alice, a);
    await signIn(bob, a, { login: 'bob' });
    const others = [alice.sibling().via(b), alice.sibling().via(b)];
    for (const other of others) await quickSignIn(other, a);
    await assertCarriedOut(b, op.logoutToken({ sub: op.issued[0].claims.sub }));
    for (const browser of [alice, ...others]) {
      for (const node of [a, b]) assert.equal(await status(browser.via(node), node), 401);
    }
    await me(bob, a);
    await me(bob.via(b), b);
  });

  test('a refresh that is under way does not bring the session back', LIMIT, async (t) => {
    const { op, nodes: [a, b], client } = await cluster(t, {
      store: await server().place(), accessTokenTtl: 2,
    });
    const browser = client(a);
    await signIn(browser, a);
    await sleep(2100);
    op.accessTokenTtl = 3600;
    const hold = op.holdTokens();
    const call = browser.fetch(`${a.baseUrl}/api/userinfo`);
    await hold.reached;
    assert.equal(op.refreshes, 1);
    const issued = op.issued.at(-1);
    assert.equal(issued.status, 200);
    await assertCarriedOut(b, op.logoutToken({ sid: issued.claims.sid }));
    hold.release();
    assert.equal((await call).status, 401);
    await eventually(() => op.revoked.includes(issued.refresh_token), 'the new token is revoked');
    for (const node of [a, b]) assert.equal(await status(browser.via(node), node), 401);
  });
});
