// The pages that tell a user what went wrong, as Chromium shows them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  errorPage, launch, openContext, screenshot, signIn, signInAtProvider,
} from './browser.mjs';
import { until, world } from './flows.mjs';
import { fromSignIn } from './provider.mjs';

test('after the ceiling a reload leads to a sign-in', async (t) => {
  const { op, demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(40) });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await signIn(page, demo);
  await until(op.issued[0].claims.session_expiry - 30 + 0.3);
  await page.locator('[data-ended]').waitFor({ state: 'visible', timeout: 10_000 });
  await screenshot(page, 'after-the-ceiling');
  assert.equal((await page.request.get(`${demo.baseUrl}/api/me`)).status(), 401);
  await page.reload();
  await screenshot(page, 'after-the-ceiling-reloaded');
  await signInAtProvider(page);
  await page.waitForURL(`${demo.baseUrl}/profile`);
  await page.locator('[data-countdown]').waitFor();
  assert.deepEqual(context.faults, []);
});

test('a cancelled sign-in says so', async (t) => {
  const { demo } = await world(t, { host: 'localhost' });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await page.goto(`${demo.baseUrl}/profile`);
  const answer = page.waitForResponse((response) => response.url().includes('/auth/callback'));
  await page.getByRole('button', { name: 'Cancel' }).click();
  const status = (await answer).status();
  assert.ok(status >= 400 && status < 500, `${status}`);
  assert.equal(await errorPage(page), 'access_denied');
  await screenshot(page, 'error-access-denied');
  assert.deepEqual(context.faults, []);
});

test('a ceiling that leaves no session says when to come back', async (t) => {
  const { demo } = await world(t, { host: 'localhost', sessionExpiry: fromSignIn(20) });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await page.goto(`${demo.baseUrl}/profile`);
  await signInAtProvider(page);
  await page.waitForURL((url) => url.pathname.startsWith('/interaction/'));
  const answer = page.waitForResponse((response) => response.url().includes('/auth/callback'));
  await signInAtProvider(page);
  const { 'retry-after': wait } = await (await answer).allHeaders();
  assert.ok(Number(wait) > 0 && Number(wait) <= 20, `Retry-After: ${wait}`);
  assert.ok(await errorPage(page));
  await screenshot(page, 'error-ceiling-refused');
  assert.deepEqual(context.faults, []);
});

test('a provider that is down is a page to try again', async (t) => {
  const { demo } = await world(t, { host: 'localhost', listening: false });
  const context = await openContext(await launch(t));
  const page = await context.newPage();
  const response = await page.goto(`${demo.baseUrl}/auth/login?return_to=/profile`);
  assert.equal(response.status(), 503);
  assert.ok(Number((await response.allHeaders())['retry-after']) > 0);
  assert.ok(await errorPage(page));
  await screenshot(page, 'error-provider-down');
  assert.deepEqual(context.faults, []);
});
