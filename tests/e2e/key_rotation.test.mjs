// COOKIE_KEY with several keys: the first seals, all open. A session that is saved moves to the first.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { me, signIn } from './flows.mjs';
import { cluster, cookieKey, overEachServer, sendLogoutToken, status } from './nodes.mjs';

overEachServer('key rotation', (server) => {
  test('sessions live through it if they are saved in between', { timeout: 60_000 }, async (t) => {
    const [old, next] = [cookieKey(), cookieKey()];
    const all = await cluster(t, {
      store: await server().place(), names: ['a'], env: { COOKIE_KEY: old },
    });
    const { op } = all;
    let [a] = all.nodes;
    const [unsaved, ended, saved] = [all.client(a), all.client(a), all.client(a)];
    await signIn(unsaved, a);
    await signIn(ended, a, { login: 'bob' });
    op.accessTokenTtl = 1;
    await signIn(saved, a, { login: 'carol' });
    op.accessTokenTtl = 3600;

    a = await all.restart('a', { COOKIE_KEY: `${next},${old}` });
    for (const browser of [unsaved, ended, saved]) await me(browser, a);
    await sleep(1000);
    // The refresh saves the session.
    assert.equal((await saved.fetch(`${a.baseUrl}/api/userinfo`)).status, 200);
    assert.equal(op.refreshes, 1);
    // One that was not saved is found under the old key, too.
    const [, { claims: { sid } }, { claims: { sub } }] = op.issued;
    assert.equal((await sendLogoutToken(a, op.logoutToken({ sid }))).status, 200);
    assert.equal(await status(ended, a), 401);
    await me(unsaved, a);

    a = await all.restart('a', { COOKIE_KEY: next });
    await me(saved, a);
    assert.equal(await status(unsaved, a), 401, 'a session that no token could end lives on');
    assert.equal((await sendLogoutToken(a, op.logoutToken({ sub }))).status, 200);
    assert.equal(await status(saved, a), 401);
  });
});
