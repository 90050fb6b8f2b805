// The session ceiling with a real clock: each of these waits for one, all at the same time.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  assertRefused, assertSignInForm, beginSignIn, errorCode, eventually, finishSignIn, me,
  sessionCookie, signIn, until, world,
} from './flows.mjs';
import { fromSignIn } from './provider.mjs';

describe('the ceiling', { concurrency: 4 }, () => {
  test('ends the session 30 s before E, for the browser and for the old cookie', async (t) => {
    const { op, demo, client } = await world(t, { sessionExpiry: fromSignIn(40) });
    const browser = client();
    const { name, value } = sessionCookie(await signIn(browser, demo));
    const { session_expires_at: deadline } = await me(browser, demo);
    assert.equal(deadline, op.issued[0].claims.session_expiry - 30);

    await until(deadline - 2);
    await me(browser, demo);
    await until(deadline + 0.05);

    const old = { cookie: `${name}=${value}` };
    const { reason, response } = await assertRefused(client(), demo, 'session_expired', old);
    assert.equal(reason, 'ceiling');
    assert.ok(response.setCookies.some((cookie) => cookie.name === name && cookie.removes));
    const api = await browser.fetch(`${demo.baseUrl}/api/userinfo`);
    assert.equal(api.status, 401);
    const { error, reason: remembered } = api.json();
    const told = 'the marker cookie tells what happened';
    assert.deepEqual([error, remembered], ['session_expired', 'ceiling'], told);
    const page = await browser.navigate(`${demo.baseUrl}/profile`);
    assert.equal(page.status, 303);
    assert.equal(new URL(page.location).searchParams.get('return_to'), '/profile');
    assert.equal((await browser.navigate(`${demo.baseUrl}/`)).status, 200);
    await eventually(() => op.revoked.includes(op.issued[0].refresh_token), 'revoked');
    assert.equal(op.refreshes, 0);
    // The provider's own session lives on with the same E: one silent round, then prompt=login.
    const form = await browser.follow(page.location);
    assertSignInForm(form);
    assert.equal((await finishSignIn(browser, demo, form)).status, 303);
    await me(browser, demo);
  });

  test('inside the leeway window means one retry, then a page that says when', async (t) => {
    const { op, demo, client } = await world(t, { sessionExpiry: fromSignIn(20) });
    const browser = client();
    const retry = await finishSignIn(browser, demo, await beginSignIn(browser, demo));
    assert.equal(retry.status, 303);
    assert.equal(new URL(retry.location).searchParams.get('prompt'), 'login');
    const refused = await finishSignIn(browser, demo, await browser.follow(retry.location));
    assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status}`);
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait > 10 && wait <= 20, `Retry-After: ${refused.headers['retry-after']}`);
    errorCode(refused);
    assert.equal(sessionCookie(refused), undefined);
    const prompts = op.authorizationRequests.map((request) => request.get('prompt'));
    assert.equal(prompts.filter((prompt) => prompt === 'login').length, 1);
    assert.equal(prompts.length, 2);
    await assertRefused(browser, demo, 'login_required');
  });

  test('inside the leeway window, when the retry brings a later one, is a sign-in', async (t) => {
    const { op, demo, client } = await world(t, { sessionExpiry: fromSignIn(20) });
    const browser = client();
    const form = await beginSignIn(browser, demo, { returnTo: '/profile?tab=2' });
    const retry = await finishSignIn(browser, demo, form);
    op.sessionExpiry = fromSignIn(3600);
    const done = await finishSignIn(browser, demo, await browser.follow(retry.location));
    assert.equal(done.status, 303, done.text);
    assert.equal(done.location, `${demo.baseUrl}/profile?tab=2`);
    await me(browser, demo);
  });

  test('in the past refuses the sign-in without a retry', async (t) => {
    const { op, demo, client } = await world(t, { sessionExpiry: fromSignIn(-1) });
    const browser = client();
    const refused = await finishSignIn(browser, demo, await beginSignIn(browser, demo));
    assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status}`);
    const code = errorCode(refused);
    assert.ok(demo.log.includes(code), `the log does not name ${code}`);
    assert.equal(op.authorizationRequests.length, 1);
    await eventually(() => op.revoked.includes(op.issued[0].refresh_token), 'revoked');
    await assertRefused(browser, demo, 'login_required');
  });

  test('malformed refuses the sign-in, whatever the kind', async (t) => {
    const { op, demo, client } = await world(t);
    const later = Math.floor(Date.now() / 1000) + 3600;
    for (const value of [`${later}`, later * 1000, later + 0.5, 0, -5, true, null, [later], {}]) {
      op.sessionExpiry = () => value;
      const browser = client();
      const refused = await finishSignIn(browser, demo, await beginSignIn(browser, demo));
      const what = `${JSON.stringify(value)}: ${refused.status}`;
      assert.ok(refused.status >= 400 && refused.status < 500, what);
      assert.ok('session_expiry' in op.issued.at(-1).claims, what);
      errorCode(refused);
      assert.equal(sessionCookie(refused), undefined, what);
      await assertRefused(browser, demo, 'login_required');
    }
  });

  test('earlier on refresh ends the session earlier, later changes nothing', async (t) => {
    const settings = { sessionExpiry: fromSignIn(1800), accessTokenTtl: 2 };
    const { op, demo, client } = await world(t, settings);
    const browser = client();
    await signIn(browser, demo);
    const start = op.issued[0].claims.session_expiry;
    for (const [asserted, expected] of [[start + 600, start], [start - 600, start - 600]]) {
      op.sessionExpiry = () => asserted;
      await until(Math.floor(Date.now() / 1000) + 3.1);
      assert.equal((await browser.fetch(`${demo.baseUrl}/api/userinfo`)).status, 200);
      assert.equal((await me(browser, demo)).ceiling, expected);
    }
    assert.equal(op.refreshes, 2);
  });
});
