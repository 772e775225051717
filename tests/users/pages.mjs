// pages.mjs: walks through all pages that each role can reach and looks for
// what would shut somebody out: axe, the W3C's validator, the width of a phone.
//
//   pages.mjs GIVEN [all]    all: every role in every language
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { axeSource, base, desktop, end, given, launch, phone, signIn, tell,
  visit } from './browser.mjs';

const roles = ['nobody', ...Object.keys(given.links)];
const languages = ['fr', 'ar', 'en'];
// Pages of one pattern: the first record and another for visitors; one for each
// role, and no profile, whose bytes are the same for all.
const open = new Set(); // patterns that visitors see
const most = (role, kind) => role === 'nobody' ? 2
  : open.has(kind) && profileLanguage({ pathname: kind }) ? 0 : 1;

// Which languages a role is tried in: nobody in all, the others in turn.
function languagesOf(role) {
  if (given.arguments.includes('all') || role === 'nobody') return languages;
  return [languages[roles.indexOf(role) % languages.length]];
}

// A page's kind: its path with numbers and names of records left open.
function pattern(url) {
  const parts = url.pathname.split('/').map(part =>
    /^[0-9]+$/.test(part) || part.length > 24 ? ':id' : part);
  return parts.join('/') + (url.search ? '?' : '');
}

function follow(href, from) {
  const url = new URL(href, from);
  url.hash = '';
  if (url.origin !== base) return null;
  if (url.pathname.startsWith('/language/') ||
      url.pathname.startsWith('/assets/') ||
      /\/files\/[^/]+$/.test(url.pathname) || // files to keep
      url.pathname === '/account/data') return null;
  if (/\.(json|csv|atom|ics|zip|pdf|svg|png|gpkg|jsonld|xml|txt)$/
    .test(url.pathname)) return null;
  return url;
}

// What axe finds, with the place, in words of one line.
async function axe(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, {
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
      'best-practice'] }));
  return found.violations.flatMap(v => v.nodes.slice(0, 3).map(n =>
    `${v.id} (${v.impact}): ${n.target.join(' ')}: ${
      n.failureSummary.split('\n').slice(1, 3).join(' ').trim()}`));
}

// Faults of the page as it stands in this window.
async function look(page, language) {
  const faults = [];
  const seen = await page.evaluate(() => ({
    wide: document.scrollingElement.scrollWidth - innerWidth,
    lang: document.documentElement.lang, dir: document.documentElement.dir,
    title: document.title, h1: document.querySelectorAll('h1').length,
    // {{value:...}} is what people write into chapters
    braces: /\{\{[#^/_>]/.test(document.body.innerText) }));
  if (seen.wide > 0) {
    const widest = await page.evaluate(() => [...document.querySelectorAll('*')]
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1 ||
        e.getBoundingClientRect().left < -1)
      .slice(0, 3).map(e => e.outerHTML.slice(0, 90)));
    faults.push(`${seen.wide} px wider than the window: ${widest.join(' | ')}`);
  }
  if (seen.lang !== language) faults.push(`lang="${seen.lang}"`);
  if ((seen.dir === 'rtl') !== (language === 'ar'))
    faults.push(`dir="${seen.dir}"`);
  if (!seen.title.trim()) faults.push('no title');
  if (seen.h1 !== 1) faults.push(`${seen.h1} h1 elements`);
  if (seen.braces) faults.push('braces of a template are left in the text');
  return [...faults, ...await axe(page)];
}

// A profile's page, with thousands of numbers, is in the language of its name,
// whoever reads it. It is looked at once in each.
const profileLanguage = url =>
  url.pathname.match(/profile\.(en|fr|ar)\.html$/)?.[1];

async function lookAt(page, url, language, html) {
  const faults = [];
  const hear = m => { if (m.type() === 'error') faults.push(m.text()); };
  page.on('console', hear);
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: 'light' });
  const answer = await page.goto(url.href, { waitUntil: 'load' });
  const type = answer.headers()['content-type'] || '';
  if (answer.status() !== 200) faults.push(`answer ${answer.status()}`);
  if (!type.startsWith('text/html')) {
    page.off('console', hear);
    return { faults, links: [] };
  }
  html.push(await answer.text());
  faults.push(...await look(page, language));
  if (!profileLanguage(url)) {
    await page.setViewportSize(desktop);
    await page.emulateMedia({ colorScheme: 'dark' });
    faults.push(...(await look(page, language)).map(f => `dark desktop: ${f}`));
  }
  const links = await page.$$eval('a[href]', all =>
    all.map(a => new URL(a.getAttribute('href'), document.baseURI).href));
  page.off('console', hear);
  return { faults, links };
}

// Faults that are known and not mended yet: said in the log, none else passes.
const known = (url, fault) =>
  // a figure in a chapter has no address before the profile is published
  (/^\/editions\/\d+\/chapters\//.test(url.pathname) &&
    fault.includes('404 (Not Found)')) ||
  // a published profile's record links to its preparation for everybody
  (/^\/editions\/\d+$/.test(url.pathname) &&
    (fault.includes('403 (Forbidden)') || fault === 'answer 403'));

async function walk(browser, role, language, html) {
  const context = await visit(browser, { language });
  const page = await context.newPage();
  if (role !== 'nobody') await signIn(page, role);
  const waiting = [new URL('/', base)];
  const seen = new Set(['/']);
  const count = new Map();
  for (let url = waiting.shift(); url; url = waiting.shift()) {
    const texts = [];
    let result;
    try {
      result = await lookAt(page, url, language, texts);
    } catch (e) {
      result = { faults: [String(e).split('\n')[0]], links: [] };
    }
    if (texts[0]) html.push({ name: `${role} ${language} ${url.pathname}`,
      text: texts[0] });
    const faults = result.faults.filter(f => !known(url, f));
    tell(faults.length === 0,
      `${role} ${language} ${url.pathname}${url.search}`, faults);
    if (faults.length < result.faults.length)
      console.log(`# known: ${url.pathname}: ${
        [...new Set(result.faults.filter(f => known(url, f)))].join('; ')}`);
    for (const href of result.links) {
      const next = follow(href, url);
      if (!next || seen.has(next.href) ||
          (profileLanguage(next) ?? language) !== language) continue;
      seen.add(next.href);
      const kind = pattern(next);
      count.set(kind, (count.get(kind) || 0) + 1);
      if (role === 'nobody') open.add(kind);
      if (count.get(kind) <= most(role, kind)) waiting.push(next);
    }
  }
  await context.close();
}

// The Nu Html Checker on all that was seen, in one run of it.
async function validate(html) {
  const folder = path.join(given.place, 'html');
  fs.mkdirSync(folder);
  html.forEach((page, i) =>
    fs.writeFileSync(path.join(folder, `${i}.html`), page.text));
  const jar = createRequire(import.meta.url)
    .resolve('vnu-jar/build/dist/vnu.jar');
  const run = promisify(execFile)('java', ['-Xss8m', '-jar', jar, '--format',
    'json', '--errors-only', '--exit-zero-always', folder],
  { maxBuffer: 1 << 28 });
  const { messages } = JSON.parse((await run).stderr);
  const lines = new Map(); // the same fault of a template once
  for (const m of messages) {
    const page = html[Number(path.basename(m.url, '.html'))];
    const what = `${m.message} ... ${(m.extract || '').replace(/\s+/g, ' ')}`;
    if (!lines.has(what)) lines.set(what, page.name);
  }
  tell(lines.size === 0, `${html.length} pages are valid HTML`,
    [...lines].slice(0, 60).map(([what, where]) => `${where}: ${what}`));
}

const browser = await launch();
const html = [];
for (const role of roles)
  for (const language of languagesOf(role)) await walk(browser, role, language, html);
await browser.close();
await validate(html);
end();
