// A provider, a demo and clients for one test, and the steps of a sign-in between them.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDemo } from './demo.mjs';
import { Client } from './http.mjs';
import { freePort } from './ports.mjs';
import { startProvider } from './provider.mjs';
import { startTlsFront } from './tls_front.mjs';

/**
 * Starts a provider and a demo that is its client; `t` ends both.
 *
 * - `tls`: the demo behind a TLS front, with an https base URL.
 * - `env`: more environment for the demo.
 * - everything else is for `startProvider`.
 */
export async function world(t, { tls = false, env, ...settings } = {}) {
  const started = [];
  t.after(async () => {
    const ends = await Promise.allSettled(started.reverse().map((server) => server.stop()));
    for (const { reason } of ends) if (reason) throw reason;
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const front = tls ? await startTlsFront({ target: url }) : undefined;
  if (front) started.push(front);
  const baseUrl = front?.url ?? url;
  const op = await startProvider({ baseUrl, ...settings });
  started.push(op);
  const demo = await startDemo({ provider: op, port, baseUrl, env, name: t.name });
  started.push(demo);
  return { op, demo, front, ca: front?.ca, client: () => new Client({ ca: front?.ca }) };
}

/** The way to the provider's sign-in form, by the demo's own login route. */
export async function beginSignIn(client, demo, { returnTo = '/profile' } = {}) {
  const login = `${demo.baseUrl}/auth/login?return_to=${encodeURIComponent(returnTo)}`;
  const form = await client.follow(login);
  assertSignInForm(form);
  return form;
}

/** The provider is asking who the user is. */
export function assertSignInForm(response) {
  assert.equal(response.status, 200, response.text);
  assert.match(response.url, /\/interaction\//, 'the provider does not ask for a sign-in');
}

/** Submits the provider's form; answers what the demo's callback answered, not followed. */
export async function finishSignIn(client, demo, form, fields = { login: 'alice' }) {
  const submitted = await client.submit(form.url, fields);
  const { location } = await client.follow(submitted.location, {
    from: form.url,
    stop: (url) => url.href.startsWith(`${demo.baseUrl}/auth/callback`),
  });
  assert.ok(location, 'the provider did not send the browser back');
  return client.navigate(location, { from: form.url });
}

/** A whole sign-in that must succeed; answers the callback's response. */
export async function signIn(client, demo, { returnTo = '/profile', login = 'alice' } = {}) {
  const form = await beginSignIn(client, demo, { returnTo });
  const callback = await finishSignIn(client, demo, form, { login });
  assert.equal(callback.status, 303, callback.text);
  assert.equal(callback.location, demo.baseUrl + returnTo);
  assert.ok(sessionCookie(callback), 'no session cookie at the callback');
  return callback;
}

/** The session cookie a response sets: the only one with two random halves of 128 bits. */
export function sessionCookie(response) {
  const long = response.setCookies.filter(({ value, removes }) => !removes && value.length >= 32);
  assert.ok(long.length <= 1, `several long cookies: ${long.map(({ name }) => name)}`);
  return long[0];
}

/** The deadline of the client's session as the demo tells it; fails without a session. */
export async function me(client, demo) {
  const response = await client.fetch(`${demo.baseUrl}/api/me`);
  assert.equal(response.status, 200, response.text);
  return response.json();
}

/** `/api/me` answers 401 with `error`; answers the body. */
export async function assertRefused(client, demo, error, headers) {
  const response = await client.fetch(`${demo.baseUrl}/api/me`, { headers });
  assert.equal(response.status, 401, response.text);
  const body = response.json();
  assert.equal(body.error, error);
  assert.match(response.headers['cache-control'], /no-store/);
  return { ...body, response };
}

/** The `data-error-code` of an error page with a heading. */
export function errorCode({ text }) {
  assert.match(text, /<h1[^>]*>[^<]+<\/h1>/, text);
  const code = /data-error-code="([a-z0-9_]+)"/.exec(text)?.[1];
  assert.ok(code, `no data-error-code in: ${text}`);
  return code;
}

/** Sleeps until the wall clock shows `seconds` (Unix time). */
export async function until(seconds) {
  await sleep(Math.max(0, seconds * 1000 - Date.now()));
}

/** Waits until `condition()` holds, `ms` at most. */
export async function eventually(condition, what, ms = 5000) {
  for (const deadline = Date.now() + ms; Date.now() < deadline;) {
    if (await condition()) return;
    await sleep(50);
  }
  assert.fail(`after ${ms} ms still not so: ${what}`);
}
