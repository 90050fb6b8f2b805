// The script for pages in Chromium: the warning, several tabs, the end, the Back button.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  control, launch, openContext, screenshot, signIn, signInAtProvider,
} from './browser.mjs';
import { until, world } from './flows.mjs';
import { Client } from './http.mjs';
import { fromSignIn } from './provider.mjs';

/** When a session with this provider's `session_expiry` is over, in Unix seconds. */
const deadline = (op) => op.issued[0].claims.session_expiry - 30;

const warning = (page) => page.getByRole('alert').filter({ hasText: 'Your session ends in' });

/**
 * A page of the demo's origin with the script and these attributes, under a strict policy; `loads`
 * counts how often it was loaded.
 */
async function servePage(context, demo, attributes) {
  const page = { url: `${demo.baseUrl}/page`, loads: 0 };
  await context.route(page.url, (route) => {
    page.loads += 1;
    return route.fulfill({
      contentType: 'text/html',
      headers: {
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'",
      },
      body: `<!doctype html><title>Page</title><script src="/auth/session.js" defer ${attributes}></script>`,
    });
  });
  return page;
}

/** Keeps the names and details of the script's events in `window.heard`. */
function recordEvents() {
  window.heard = [];
  for (const name of ['session-updated', 'session-warning', 'session-ended']) {
    document.addEventListener(name, ({ detail }) => window.heard.push({ name, detail }));
  }
}

/** The wait for what happens within a second of a moment that has come, on a machine that is busy. */
const SOON = { timeout: 3_000 };

test('a page warns a minute before the end, and once', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 65) });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  await until(deadline(op) - 62);
  assert.equal(await warning(page).count(), 0, 'the warning is early');
  await until(deadline(op) - 60);
  await warning(page).waitFor({ ...SOON, state: 'visible' });
  assert.match(await warning(page).innerText(), /^Your session ends in (60|5\d) s /);
  await screenshot(page, 'warning');
  const link = new URL(await control(page, 'Sign in again').getAttribute('href'));
  assert.equal(link.href, `${demo.baseUrl}/auth/login?again=1&return_to=%2Fprofile`);
  await control(page, 'Dismiss').click();
  assert.equal(await warning(page).count(), 0);
  const asked = page.waitForResponse(`${demo.baseUrl}/auth/session`);
  await page.evaluate(() => document.dispatchEvent(new Event('session-check')));
  await asked;
  await page.waitForTimeout(300);
  assert.equal(await warning(page).count(), 0, 'a dismissed warning came back');
  assert.deepEqual(context.faults, []);
});

test('to sign in again leads to a later end, in the other tabs too', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 40) });
  const context = await openContext(await launch(t));
  const [page, other] = [await context.newPage(), await context.newPage()];
  await signIn(page, demo);
  await context.addInitScript(recordEvents);
  await other.goto(`${demo.baseUrl}/`);
  const before = deadline(op);
  // The provider knows the user: without the question there would be the same end.
  await page.waitForTimeout(2_000);
  await control(page, 'Sign in again').click();
  await signInAtProvider(page);
  await page.waitForURL(`${demo.baseUrl}/profile`);
  const after = op.issued.at(-1).claims.session_expiry - 30;
  assert.ok(after >= before + 2, `${after - before} s later`);
  await other.waitForFunction((at) => window.heard.at(-1)?.detail.expires_at === at, after, SOON);
  assert.ok(await other.locator('[data-signed-in-as]').isVisible());
  assert.deepEqual(context.faults, []);
});

test('at the end every tab leaves its page', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 10) });
  const context = await openContext(await launch(t));
  const [profile, home, sessions] = [
    await context.newPage(), await context.newPage(), await context.newPage(),
  ];
  await signIn(profile, demo);
  await home.goto(`${demo.baseUrl}/`);
  await sessions.goto(`${demo.baseUrl}/sessions`);
  await until(deadline(op) - 1);
  await home.locator('[data-signed-in-as]').waitFor({ timeout: 500 });
  assert.equal(await profile.locator('[data-ended]').isVisible(), false);
  await until(deadline(op));
  await Promise.all([
    profile.locator('[data-ended]').waitFor({ ...SOON, state: 'visible' }),
    home.getByText('You are not signed in').waitFor(SOON),
    sessions.getByRole('heading', { name: 'Provider sign-in' }).waitFor(SOON),
  ]);
  assert.equal(await profile.locator('[data-until-end]').count(), 0);
  assert.match(await profile.locator('[data-reason]').innerText(), /sign-in service/);
  assert.equal(await home.locator('[data-signed-in-as]').count(), 0);
  await screenshot(home, 'home-after-the-end');
  assert.deepEqual(context.faults, []);
});

test('a sign-out in one tab is noticed in the others before it is finished', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const [profile, sessions, tab] = [
    await context.newPage(), await context.newPage(), await context.newPage(),
  ];
  await signIn(profile, demo);
  await sessions.goto(`${demo.baseUrl}/sessions`);
  await tab.goto(`${demo.baseUrl}/`);
  const login = `${demo.baseUrl}/auth/login?return_to=%2Fsessions`;
  const left = sessions.waitForRequest(login, { timeout: 5_000 });
  await control(tab, 'Sign out').click();
  await tab.getByRole('button', { name: 'Yes, sign me out' }).waitFor();
  await profile.locator('[data-ended]').waitFor({ ...SOON, state: 'visible' });
  await left;
  assert.equal(await profile.locator('[data-until-end]').count(), 0);
  assert.deepEqual(context.faults, []);
});

test('a script that signs out says so, and a sign-in elsewhere is heard of', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const [tab, other] = [await context.newPage(), await context.newPage()];
  const served = await servePage(context, demo, '');
  await context.addInitScript(recordEvents);
  await tab.goto(served.url);
  await signIn(other, demo);
  await tab.waitForFunction(() => window.heard.length > 0, undefined, SOON);
  const [first] = await tab.evaluate(() => window.heard);
  assert.equal(first.name, 'session-updated');
  assert.equal(first.detail.limit, 'idle');
  await tab.evaluate(() => fetch('/auth/logout', { method: 'POST' })
    .then(() => document.dispatchEvent(new Event('session-check'))));
  await other.locator('[data-ended]').waitFor({ ...SOON, state: 'visible' });
  await tab.waitForLoadState();
  assert.equal(served.loads, 2, 'the page was not left, or again and again');
  assert.deepEqual(context.faults, []);
});

test('a page of one user is not shown under the session of another', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const [page, other] = [await context.newPage(), await context.newPage()];
  await signIn(page, demo, 'alice');
  await page.goto(`${demo.baseUrl}/`);
  await page.getByText('Name of alice').waitFor();
  await other.goto(`${demo.baseUrl}/auth/login?again=1&return_to=/`);
  await signInAtProvider(other, 'bob');
  await other.getByText('Name of bob').waitFor();
  await page.getByText('Name of bob').waitFor(SOON);
  assert.deepEqual(context.faults, []);
});

test('a session that is revoked elsewhere ends within the poll interval', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  const served = await servePage(context, demo, 'data-poll="5"');
  await page.goto(served.url);
  await page.waitForResponse(`${demo.baseUrl}/auth/session`);
  const { sid, sub } = op.issued[0].claims;
  const logout = await new Client().request(`${demo.url}/auth/backchannel-logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: op.logoutToken({ sid, sub }) }).toString(),
  });
  assert.equal(logout.status, 200);
  await page.waitForEvent('framenavigated', { timeout: 6_500 });
  await page.waitForTimeout(1_000);
  assert.equal(served.loads, 2);
  assert.equal(await page.evaluate(() => document.documentElement.style.visibility), '');
  assert.deepEqual(context.faults, []);
});

test('a page that handles the events itself is left alone', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 10) });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  const served = await servePage(context, demo, 'data-warn="4"');
  await page.addInitScript(recordEvents);
  await page.addInitScript(() => {
    for (const name of ['session-warning', 'session-ended']) {
      document.addEventListener(name, (event) => event.preventDefault());
    }
  });
  await page.goto(served.url);
  await until(deadline(op) + 2);
  assert.equal(await warning(page).count(), 0);
  const heard = await page.evaluate(() => window.heard);
  const told = heard.filter(({ name }) => name !== 'session-updated');
  assert.deepEqual(told.map(({ name }) => name), ['session-warning', 'session-ended']);
  assert.ok([3, 4].includes(told[0].detail.secondsLeft), `${told[0].detail.secondsLeft}`);
  assert.equal(told[0].detail.limit, 'ceiling');
  assert.equal(told[1].detail.reason, 'ceiling');
  assert.equal(told[1].detail.loginUrl, `${demo.baseUrl}/auth/login?return_to=%2Fpage`);
  assert.equal(served.loads, 1);
  assert.equal(await page.evaluate(() => document.documentElement.style.visibility), '');
  assert.deepEqual(context.faults, []);
});

for (const [name, days] of [['a day ahead', 1], ['a day behind', -1]]) {
  test(`a browser whose clock is ${name} ends the page when the server does`, async (t) => {
    const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 8) });
    const context = await openContext(await launch(t));
    await context.addInitScript((shift) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + shift;
    }, days * 86_400_000);
    const page = await context.newPage();
    await signIn(page, demo);
    await page.goto(`${demo.baseUrl}/`);
    await until(deadline(op) - 1);
    await page.locator('[data-signed-in-as]').waitFor({ timeout: 500 });
    await until(deadline(op));
    await page.getByText('You are not signed in').waitFor(SOON);
    assert.deepEqual(context.faults, []);
  });
}

test('a clock that a sleep has stopped makes the page ask before it is seen', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 8) });
  const context = await openContext(await launch(t));
  await context.addInitScript(() => {
    const now = performance.now.bind(performance);
    const timeout = setTimeout.bind(window);
    let stopped;
    performance.now = () => stopped ?? now();
    window.setTimeout = (work, ms) => timeout(() => stopped === undefined && work(), ms);
    window.sleep = () => { stopped = now(); };
    window.wake = () => { window.setTimeout = timeout; dispatchEvent(new Event('focus')); };
  });
  const page = await context.newPage();
  await signIn(page, demo);
  await page.goto(`${demo.baseUrl}/`);
  await page.locator('[data-signed-in-as]').waitFor();
  await page.evaluate(() => window.sleep());
  await until(deadline(op) + 2);
  await page.locator('[data-signed-in-as]').waitFor({ timeout: 500 });
  // Nobody answers: the clock that went on decides.
  await page.route(`${demo.baseUrl}/auth/session`, (route) => route.abort());
  await page.evaluate(() => window.wake());
  await page.getByText('You are not signed in').waitFor(SOON);
  assert.deepEqual(context.faults, []);
});

test('what cannot be heard goes on until the deadline, and no longer', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(30 + 8) });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  await page.goto(`${demo.baseUrl}/`);
  await warning(page).waitFor();
  await context.route(`${demo.baseUrl}/auth/session`, (route) => route.fulfill({ status: 503 }));
  await page.evaluate(() => document.dispatchEvent(new Event('session-check')));
  await until(deadline(op) - 1);
  await page.locator('[data-signed-in-as]').waitFor({ timeout: 500 });
  await until(deadline(op));
  await page.getByText('You are not signed in').waitFor(SOON);
  assert.deepEqual(context.faults, []);
});

test('a page without a session is left alone', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  const served = await servePage(context, demo, 'data-poll="5"');
  await context.addInitScript(recordEvents);
  const answers = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/auth/session')) answers.push(response.status());
  });
  await page.goto(served.url);
  await page.waitForTimeout(7_000);
  await page.evaluate(() => document.dispatchEvent(new Event('session-check')));
  await page.waitForTimeout(500);
  assert.equal(served.loads, 1);
  assert.deepEqual(answers, [200, 200], 'asked once, and when told to');
  assert.deepEqual(await page.evaluate(() => window.heard), []);
  assert.equal(await page.evaluate(() => document.documentElement.style.visibility), '');
  assert.deepEqual(context.faults, []);
});
