// Two nodes over one store: what one of them does, the other knows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused, me, signIn, until } from './flows.mjs';
import { cluster, overEachServer, quickSignIn, sessionHeader, status } from './nodes.mjs';
import { fromSignIn } from './provider.mjs';

const LIMIT = { timeout: 60_000 };
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 '
  + '(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

overEachServer('two nodes', (server) => {
  for (const push of ['off', 'on']) {
    test(`a session of one node lives and ends on both, SESSION_PUSH=${push}`, LIMIT, async (t) => {
      const env = { SESSION_PUSH: push };
      const { nodes: [a, b], client } = await cluster(t, { store: await server().place(), env });
      const browser = client(a);
      await signIn(browser, a);
      const { claims } = await me(browser, a);
      assert.deepEqual((await me(browser.via(b), b)).claims, claims);
      const page = await browser.navigate(`${b.baseUrl}/profile`);
      assert.equal(page.status, 200);
      const kept = { redis: 'Redis', postgres: 'PostgreSQL' }[server().name];
      assert.ok(page.text.includes(`Sessions are kept in ${kept}.`), page.text);

      const cookie = sessionHeader(browser, b);
      const signedOut = await browser.submit(`${b.baseUrl}/auth/logout`);
      assert.equal(signedOut.status, 303, signedOut.text);
      const answeredAt = Date.now();
      const stolen = client(a);
      const refused = async () => {
        const answer = await stolen.fetch(`${a.baseUrl}/api/me`, { headers: { cookie } });
        assert.ok([200, 401].includes(answer.status), answer.text);
        return answer.status === 401;
      };
      if (push === 'off') assert.ok(await refused(), 'the other node admits it after the answer');
      else while (!await refused()) assert.ok(Date.now() < answeredAt + 2000, 'for more than 2 s');
      t.diagnostic(`refused on the other node ${Date.now() - answeredAt} ms after the answer`);
      for (const node of [a, b]) {
        await assertRefused(client(node), node, 'login_required', { cookie });
      }
    });
  }

  test('the ceiling of a login on one node is enforced on the other', LIMIT, async (t) => {
    const { op, nodes: [a, b], client } = await cluster(t, {
      store: await server().place(), sessionExpiry: fromSignIn(36),
    });
    const browser = client(a);
    await signIn(browser, a);
    const { session_expires_at: deadline, ceiling } = await me(browser.via(b), b);
    assert.equal(ceiling, op.issued[0].claims.session_expiry);
    assert.equal(deadline, ceiling - 30);
    const headers = { cookie: browser.jar.header(new URL(b.baseUrl)) };
    await until(deadline + 0.05);
    const { reason } = await assertRefused(client(b), b, 'session_expired', headers);
    assert.equal(reason, 'ceiling');
    await assertRefused(client(a), a, 'session_expired', headers);
  });

  test('the sessions page lists both browsers and ends the other one', LIMIT, async (t) => {
    const { nodes: [a, b], client } = await cluster(t, { store: await server().place() });
    const [laptop, phone] = [client(a, { userAgent: FIREFOX }), client(b, { userAgent: SAFARI })];
    await signIn(laptop, a);
    // The login begins at the base URL's host, whichever node answers there.
    await signIn(phone, b);
    const list = (await laptop.navigate(`${a.baseUrl}/sessions`)).text;
    const rows = list.split(' data-session').slice(1);
    assert.equal(rows.length, 2, list);
    const own = rows.find((row) => row.startsWith(' data-current'));
    const other = rows.find((row) => row !== own);
    assert.match(own, /Firefox on Linux/);
    assert.match(other, /Safari on iPhone/);
    const id = /name="id" value="([^"]+)"/.exec(other)[1];

    const ended = await laptop.submit(`${a.baseUrl}/sessions/end`, { id });
    assert.equal(ended.status, 303, ended.text);
    for (const node of [a, b]) {
      assert.equal(await status(phone.via(node), node), 401);
      await me(laptop.via(node), node);
    }
  });

  test('all other sessions are ended at once, those of other users are not', LIMIT, async (t) => {
    const { nodes: [a, b], client } = await cluster(t, { store: await server().place() });
    const [own, stranger] = [client(a), client(a)];
    await signIn(own, a);
    await signIn(stranger, a, { login: 'bob' });
    const others = [own.sibling().via(b), own.sibling().via(b), own.sibling().via(a)];
    for (const other of others) await quickSignIn(other, a);
    const ended = await own.submit(`${a.baseUrl}/sessions/end`, { others: 'true' });
    assert.equal(ended.status, 303, ended.text);
    for (const node of [a, b]) {
      for (const other of others) assert.equal(await status(other.via(node), node), 401);
      await me(own.via(node), node);
      await me(stranger.via(node), node);
    }
  });
});
