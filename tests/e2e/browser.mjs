// Debian's Chromium, driven by playwright-core.

import { chromium } from 'playwright-core';
import assert from 'node:assert/strict';
import path from 'node:path';
import { ARTIFACTS } from './demo.mjs';

/**
 * Starts a browser of its own in an empty profile; `t` ends it. `backForwardCache`: with the one that
 * users have, and playwright turns off.
 */
export async function launch(t, { backForwardCache = false } = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    headless: true,
    ignoreDefaultArgs: backForwardCache ? ['--disable-back-forward-cache'] : [],
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/**
 * A context with its own cookies. What goes wrong in a page without an answer to see it by (an
 * exception in a script, something that its Content-Security-Policy forbids) is kept in `faults`.
 */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
  context.setDefaultTimeout(10_000);
  const faults = [];
  context.on('weberror', (error) => faults.push(String(error.error())));
  context.on('console', (message) => {
    if (/content.security.policy/i.test(message.text())) faults.push(message.text());
  });
  return Object.assign(context, { faults });
}

/** A link or a button with exactly this text. */
export function control(page, name) {
  const exact = { name, exact: true };
  return page.getByRole('link', exact).or(page.getByRole('button', exact)).first();
}

/** Fills in the sign-in form of `provider.mjs`. */
export async function signInAtProvider(page, login = 'alice') {
  await page.getByRole('heading', { name: 'Provider sign-in' }).waitFor();
  await page.getByLabel('User').fill(login);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** A whole sign-in in `page`, which ends on /profile. */
export async function signIn(page, demo, login) {
  await page.goto(`${demo.baseUrl}/profile`);
  await signInAtProvider(page, login);
  await page.waitForURL(`${demo.baseUrl}/profile`);
  await page.locator('[data-countdown]').waitFor();
}

/** Asserts an error page and answers its `data-error-code`. */
export async function errorPage(page) {
  assert.ok((await page.locator('h1').first().innerText()).trim());
  return page.locator('[data-error-code]').first().getAttribute('data-error-code');
}

/** Keeps a picture of the page in tests/artifacts/. */
export function screenshot(page, name) {
  return page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`), fullPage: true });
}
