// Behind a TLS front: the cookies that only https allows, in a real browser's cookie jar.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { control, launch, openContext, signIn as signInWith } from './browser.mjs';
import { assertRefused, me, sessionCookie, signIn, until, world } from './flows.mjs';
import { close, listen } from './ports.mjs';
import { fromSignIn } from './provider.mjs';

/** The session cookie in the browser's jar: prefixed, and the only one that is long. */
async function storedSession(context, demo) {
  const cookies = await context.cookies(demo.baseUrl);
  return cookies.find(({ name, value }) => name.startsWith('__Host-') && value.length >= 32);
}

test('over https the session cookie has its prefix and attributes until sign-out', async (t) => {
  const { demo } = await world(t, { tls: true, host: 'localhost' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signInWith(page, demo);
  const { secure, httpOnly, sameSite, path, domain } = await storedSession(context, demo);
  assert.deepEqual({ secure, httpOnly, sameSite, path, domain }, {
    secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: '127.0.0.1',
  });
  await page.goto(`${demo.baseUrl}/`);
  await control(page, 'Sign out').click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).waitFor();
  assert.equal(await storedSession(context, demo), undefined);
  assert.deepEqual(context.faults, []);
});

test('over https the ceiling takes the cookie away, by itself and by the answer', async (t) => {
  const settings = { tls: true, host: 'localhost', sessionExpiry: fromSignIn(40) };
  const { op, demo, client } = await world(t, settings);
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signInWith(page, demo);
  const browser = client();
  const { name, value } = sessionCookie(await signIn(browser, demo, { login: 'bob' }));
  assert.ok(name.startsWith('__Host-'), name);
  await until(op.issued[1].claims.session_expiry - 30 + 1.1);
  assert.equal(await storedSession(context, demo), undefined);
  const headers = { cookie: `${name}=${value}` };
  const { reason, response } = await assertRefused(client(), demo, 'session_expired', headers);
  assert.equal(reason, 'ceiling');
  const { attributes } = response.setCookies.find((cookie) => cookie.name === name);
  assert.deepEqual([attributes['max-age'], attributes.path, attributes.secure], ['0', '/', true]);
});

test('a page of another site can\'t sign the user out', async (t) => {
  const { demo } = await world(t, { tls: true, host: 'localhost' });
  const attacker = http.createServer((_req, res) => {
    res.setHeader('content-type', 'text/html');
    res.end(`<form method="post" action="${demo.baseUrl}/auth/logout"><button>Win</button></form>`);
  });
  const port = await listen(attacker);
  t.after(() => close(attacker));
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signInWith(page, demo);
  await page.goto(`http://localhost:${port}/`);
  const answer = page.waitForResponse(`${demo.baseUrl}/auth/logout`);
  await page.getByRole('button', { name: 'Win' }).click();
  assert.equal((await answer).status(), 403);
  assert.equal((await page.goto(`${demo.baseUrl}/profile`)).status(), 200);
  await page.locator('[data-countdown]').waitFor();
});

test('every address the demo emits is the base URL\'s, whatever Host says', async (t) => {
  const { op, demo, client } = await world(t, { tls: true });
  const browser = client();
  const forged = {
    host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example',
  };
  const page = await browser.navigate(`${demo.url}/profile`, { headers: forged });
  assert.ok(page.location.startsWith(`${demo.baseUrl}/auth/login`), page.location);
  await signIn(browser, demo);
  const [request] = op.authorizationRequests;
  assert.equal(request.get('redirect_uri'), `${demo.baseUrl}/auth/callback`);
  await me(browser, demo);
});
