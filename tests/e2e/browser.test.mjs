// Signing in and out with Chromium. The provider lives on localhost, the demo on 127.0.0.1: two
// sites, so that SameSite and Fetch Metadata are what they are between real hosts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  control, launch, openContext, screenshot, signIn, signInAtProvider,
} from './browser.mjs';
import { startDemo } from './demo.mjs';
import { world } from './flows.mjs';
import { fromSignIn } from './provider.mjs';

test('sign in, watch the countdown, sign out', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(3600) });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await page.goto(`${demo.baseUrl}/`);
  assert.equal(await page.locator('[data-signed-in-as]').count(), 0);
  await screenshot(page, 'signed-out');
  await control(page, 'Sign in').click();
  await signInAtProvider(page);
  await page.waitForURL((url) => url.origin === demo.baseUrl);
  await page.goto(`${demo.baseUrl}/`);
  assert.ok(await page.locator('[data-signed-in-as]').first().innerText());
  await page.goto(`${demo.baseUrl}/profile`);
  const countdown = page.locator('[data-countdown]').first();
  const before = await countdown.innerText();
  await page.waitForTimeout(2200);
  assert.notEqual(await countdown.innerText(), before, 'the countdown stands still');
  await screenshot(page, 'signed-in');

  await page.goto(`${demo.baseUrl}/auth/logout`);
  await screenshot(page, 'logout-confirmation');
  await control(page, 'Sign out').click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${demo.baseUrl}/?state=*`);
  assert.equal(await page.locator('[data-signed-in-as]').count(), 0);
  assert.equal(op.count('/session/end'), 1);
  await page.goto(`${demo.baseUrl}/profile`);
  await page.getByRole('heading', { name: 'Provider sign-in' }).waitFor();
  assert.deepEqual(context.faults, []);
});

test('sign out from the front page', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  await page.goto(`${demo.baseUrl}/`);
  await control(page, 'Sign out').click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${demo.baseUrl}/?state=*`);
  await control(page, 'Sign in').waitFor();
  assert.deepEqual(context.faults, []);
});

// One site, so that the provider's cookie (SameSite=Lax) comes with the form.
test('a hint that is too long for a URL goes by a form that sends itself', async (t) => {
  const groups = Array.from({ length: 80 }, (_, number) => `${number}-${'0'.repeat(32)}`);
  const { op, demo } = await world(t, { groups });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  assert.ok(op.issued[0].id_token.length > 2048);
  await page.goto(`${demo.baseUrl}/`);
  await control(page, 'Sign out').click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${demo.baseUrl}/?state=*`);
  const asked = op.requests.filter(({ path }) => path === '/session/end');
  assert.deepEqual(asked.map(({ method, url }) => [method, url]), [['POST', '/session/end']]);
  await page.goto(`${demo.baseUrl}/profile`);
  await page.getByRole('heading', { name: 'Provider sign-in' }).waitFor();
  assert.deepEqual(context.faults, []);
});

test('without scripts a button sends the long hint on', async (t) => {
  const groups = Array.from({ length: 80 }, (_, number) => `${number}-${'0'.repeat(32)}`);
  const { op, demo } = await world(t, { groups });
  const context = await openContext(await launch(t), { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${demo.baseUrl}/profile`);
  await signInAtProvider(page);
  await page.waitForURL(`${demo.baseUrl}/profile`);
  await page.goto(`${demo.baseUrl}/`);
  await control(page, 'Sign out').click();
  await control(page, 'Continue').click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${demo.baseUrl}/?state=*`);
  assert.deepEqual(op.requests.filter(({ path }) => path === '/session/end').length, 1);
});

test('two tabs that sign in at once both get where they wanted', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const [first, second] = [await context.newPage(), await context.newPage()];
  await first.goto(`${demo.baseUrl}/profile?tab=1`);
  await second.goto(`${demo.baseUrl}/profile?tab=2`);
  await signInAtProvider(first);
  await first.waitForURL(`${demo.baseUrl}/profile?tab=1`);
  await signInAtProvider(second);
  await second.waitForURL(`${demo.baseUrl}/profile?tab=2`);
  for (const tab of [first, second]) {
    assert.equal((await tab.reload()).status(), 200);
    await tab.locator('[data-countdown]').waitFor();
  }
});

test('Back and a replayed callback go home instead of failing', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  let callback;
  page.on('request', (request) => {
    if (request.url().startsWith(`${demo.baseUrl}/auth/callback`)) callback = request.url();
  });
  await page.goto(`${demo.baseUrl}/`);
  await signIn(page, demo);
  const replayed = await page.goto(callback);
  assert.equal(replayed.status(), 200);
  assert.equal(new URL(page.url()).origin, demo.baseUrl);
  assert.notEqual(new URL(page.url()).pathname, '/auth/callback');
  await page.goBack();
  await page.goto(`${demo.baseUrl}/`);
  await page.locator('[data-signed-in-as]').first().waitFor();
});

test('a sign-in that starts on localhost succeeds on the base URL', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const page = await (await openContext(await launch(t))).newPage();
  const elsewhere = demo.baseUrl.replace('127.0.0.1', 'localhost');
  await page.goto(`${elsewhere}/auth/login?return_to=/profile`);
  await signInAtProvider(page);
  await page.waitForURL(`${demo.baseUrl}/profile`);
  await page.locator('[data-countdown]').waitFor();
});

test('the demo with its embedded provider signs a user in and out', async (t) => {
  const demo = await startDemo({ name: t.name });
  t.after(() => demo.stop());
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await page.goto(`${demo.baseUrl}/`);
  assert.equal(await page.locator('footer').innerText(), 'Sessions are kept in this process’s memory.');
  await control(page, 'Sign in').click();
  await page.waitForURL((url) => url.origin !== demo.baseUrl);
  await screenshot(page, 'embedded-provider');
  await page.locator('button[name=sub]').first().click();
  await page.waitForURL((url) => url.origin === demo.baseUrl);
  await page.goto(`${demo.baseUrl}/profile`);
  await page.locator('[data-countdown]').waitFor();
  await page.goto(`${demo.baseUrl}/`);
  await page.locator('[data-signed-in-as]').first().waitFor();
  await control(page, 'Sign out').click();
  await page.waitForURL(`${demo.baseUrl}/?state=*`);
  await control(page, 'Sign in').waitFor();
  assert.deepEqual(context.faults, []);
});
