// browser.mjs: what the scripts share: the browser, visitors, TAP.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const given = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
export const base = given.base;
export const axeSource = fs.readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const chromiumFlags = ['--no-sandbox', '--disable-gpu',
  '--disable-background-networking', '--disable-sync', '--no-first-run'];

export const phone = { width: 360, height: 760 };
export const desktop = { width: 1280, height: 800 };

export const launch = () => chromium.launch(
  { executablePath: '/usr/bin/chromium', args: chromiumFlags });

// A visitor's own window: nobody's cookies but theirs.
export function visit(browser, { language = 'en', scripts = true,
  viewport = phone, dark = false } = {}) {
  return browser.newContext({ locale: language, javaScriptEnabled: scripts,
    viewport, colorScheme: dark ? 'dark' : 'light', baseURL: base });
}

// Signs in with the link of the example network. It works once.
export async function signIn(page, role) {
  await page.goto(given.links[role]);
  await page.locator('main form button').first().click();
  await page.waitForURL(url => !url.pathname.includes('/link/'));
}

let told = 0;
let failed = 0;

export function tell(ok, name, details = []) {
  told += 1;
  if (!ok) failed += 1;
  console.log(`${ok ? 'ok' : 'not ok'} ${told} - ${name}`);
  for (const line of ok ? [] : details) console.log(`# ${line}`);
}

export function end() {
  console.log(`1..${told}`);
  process.exit(failed ? 1 : 0);
}
