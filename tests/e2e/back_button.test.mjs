// The Back button after the end of a session: neither the history, nor the browser's cache, nor the
// back/forward cache shows a page of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, openContext, screenshot, signIn, signInAtProvider } from './browser.mjs';
import { startDemo } from './demo.mjs';
import { until, world } from './flows.mjs';
import { Client } from './http.mjs';
import { startPageFront } from './page_front.mjs';
import { freePort } from './ports.mjs';
import { fromSignIn, startProvider } from './provider.mjs';

/** What only a page with a session shows. */
const PRIVATE = '[data-until-end], [data-session], [data-signed-in-as]';

const deadline = (op) => op.issued[0].claims.session_expiry - 30;

/** As `world`, with pages that browsers may keep. */
async function keepingWorld(t, cacheControl, { vary, ...settings }) {
  const port = await freePort();
  const front = await startPageFront({ target: `http://127.0.0.1:${port}`, cacheControl, vary });
  t.after(() => front.stop());
  const op = await startProvider({ baseUrl: front.url, host: 'localhost', ...settings });
  t.after(() => op.stop());
  const demo = await startDemo({ provider: op, port, baseUrl: front.url, name: t.name });
  t.after(() => demo.stop());
  return { op, demo };
}

/** Opens pages with a session one after the other in one tab, the front page last. */
async function wander(page, demo) {
  await signIn(page, demo);
  await page.goto(`${demo.baseUrl}/sessions`);
  await page.goto(`${demo.baseUrl}/`);
  await page.locator('[data-signed-in-as]').waitFor();
}

/** Records, as the page does it, what was there to be seen when it was shown again. */
function recordPageshow() {
  window.shown = [];
  addEventListener('pageshow', ({ persisted }) => {
    window.shown.push({ persisted, visibility: document.documentElement.style.visibility });
  });
}

test('Back after the end asks the server, which asks for a sign-in', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 10) });
  const context = await openContext(await launch(t, { backForwardCache: true }));
  const page = await context.newPage();
  await wander(page, demo);
  await until(deadline(op));
  await page.getByText('You are not signed in').waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Provider sign-in' }).waitFor();
  assert.equal(await page.locator(PRIVATE).count(), 0);
  assert.deepEqual(context.faults, []);
});

test('Back shows no page that the browser was allowed to keep', async (t) => {
  const settings = { sessionExpiry: fromSignIn(30 + 10) };
  const { op, demo } = await keepingWorld(t, 'private, max-age=600', settings);
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await wander(page, demo);
  await until(deadline(op));
  await page.getByText('You are not signed in').waitFor();
  // The browser has /sessions, and the script asks.
  await page.goBack({ waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'Provider sign-in' }).waitFor();
  // /profile says itself that its session has ended.
  await page.goBack({ waitUntil: 'commit' });
  await page.locator('[data-ended]').waitFor({ state: 'visible' });
  assert.equal(await page.locator(PRIVATE).count(), 0);
  await screenshot(page, 'back-after-the-end');
  assert.deepEqual(context.faults, []);
});

test('Back shows nobody the page of somebody else', async (t) => {
  const { demo } = await keepingWorld(t, 'private, max-age=600', { vary: 'Cookie' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await wander(page, demo);
  const other = await context.newPage();
  await other.goto(`${demo.baseUrl}/auth/login?again=1&return_to=/`);
  await signInAtProvider(other, 'bob');
  await other.getByText('Name of bob').waitFor();
  await page.getByText('Name of bob').waitFor();
  // The browser has alice's /sessions and /profile.
  await page.goBack();
  await page.goBack();
  await page.waitForURL(`${demo.baseUrl}/profile`);
  await page.getByText('Name of bob').first().waitFor();
  assert.equal(await page.getByText('Name of alice').count(), 0);
  assert.deepEqual(context.faults, []);
});

test('what comes out of the back/forward cache comes out hidden, and goes if its session has', async (t) => {
  // Pages that are no-store do not get into it with the script: the front takes that away.
  const { op, demo } = await keepingWorld(t, undefined, {});
  const context = await openContext(await launch(t, { backForwardCache: true }));
  const page = await context.newPage();
  await page.addInitScript(recordPageshow);
  await signIn(page, demo);

  const leave = () => page.goto(`${op.issuer}/.well-known/openid-configuration`);
  const back = async () => {
    await page.goBack({ waitUntil: 'commit' });
    const shown = await page.evaluate(() => window.shown);
    assert.deepEqual(shown.at(-1), { persisted: true, visibility: 'hidden' });
  };
  await leave();
  await back();
  await page.locator('[data-until-end]').first().waitFor({ state: 'visible' });

  await leave();
  const { sid, sub } = op.issued[0].claims;
  const logout = new Client().request(`${demo.url}/auth/backchannel-logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: op.logoutToken({ sid, sub }) }).toString(),
  });
  assert.equal((await logout).status, 200);
  await back();
  await page.locator('[data-ended]').waitFor({ state: 'visible' });
  assert.equal(await page.locator(PRIVATE).count(), 0);
  assert.deepEqual(context.faults, []);
});
