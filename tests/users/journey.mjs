// journey.mjs: the whole path of a city's officer, on a phone's width, in French
// and in Arabic, with and without scripts: from the secretariat's invitation to
// a published profile that anybody reads. What two of them hand over is a zip
// of a package; the others begin with a table and boundaries alone.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { base, end, given, launch, signIn, tell, visit } from './browser.mjs';

const PASSWORD = 'une phrase assez longue pour un essai';
const travellers = [
  { language: 'fr', scripts: true, package: 'zip' },
  { language: 'ar', scripts: false, package: 'zip' },
  { language: 'fr', scripts: false, package: 'loose' },
  { language: 'ar', scripts: true, package: 'loose' },
];

// ---- what is handed over ----

// A city of sixteen squares and four origins: no two counts alike.
function looseFiles(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const features = [];
  const rows = ['quartier,pays_de_naissance,habitants'];
  const origins = { TN: 400, MA: 180, SN: 90, FR: 60 };
  for (let i = 0; i < 16; i++) {
    const x = 10 + (i % 4) / 100;
    const y = 36 + Math.floor(i / 4) / 100;
    features.push({ type: 'Feature',
      properties: { id: `Q${i + 1}`, name: `Quartier ${i + 1}` },
      geometry: { type: 'Polygon', coordinates: [[[x, y], [x + 0.01, y],
        [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]] } });
    let k = 1;
    for (const [code, count] of Object.entries(origins))
      rows.push(`Q${i + 1},${code},${count + 7 * ((i * k++) % 11)}`);
  }
  const areas = path.join(folder, 'quartiers.geojson');
  const table = path.join(folder, 'habitants.csv');
  fs.writeFileSync(areas, JSON.stringify({ type: 'FeatureCollection', features }));
  fs.writeFileSync(table, rows.join('\n') + '\n');
  return [areas, table];
}

// ---- letters and codes ----

// Letters come to the test's own post office, a file each.
async function letterTo(address) {
  const folder = path.join(given.place, 'letters');
  for (let i = 0; i < 300; i++) {
    for (const name of fs.readdirSync(folder)) {
      const letter = fs.readFileSync(path.join(folder, name), 'utf8');
      const [head, ...body] = letter.split('\r\n\r\n');
      if (head.includes(`<${address}>`))
        return Buffer.from(body.join('\n'), 'base64').toString();
    }
    await new Promise(done => setTimeout(done, 100));
  }
  throw new Error(`no letter came to ${address}`);
}

const linkIn = letter =>
  letter.match(/https?:\/\/\S*\/invitation\/[A-Za-z0-9_-]+/)[0];

// RFC 6238 as every app computes it: SHA-1, thirty seconds, six digits.
function oneTimeCode(secret) {
  const bits = [...secret.replace(/[\s=]/g, '')].map(c =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2)
      .padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = crypto.createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

// ---- steps ----

const post = (page, action) => page.locator(`main form[action="${action}"]`);

// With the keyboard alone, as people do who have no other way.
async function press(page, locator) {
  const gone = page.waitForEvent('framenavigated', { timeout: 60000 });
  await locator.focus();
  await page.keyboard.press('Enter');
  await gone;
  await page.waitForLoadState('load');
}

async function invite(page, who) {
  await page.goto('/administration/accounts');
  await page.fill('#name', who.name);
  await page.fill('#email', who.email);
  await press(page, post(page, '/administration/accounts').locator('button'));
  await page.goto('/administration/accounts');
  await press(page, page.locator('tr', { hasText: who.email }).locator('a'));
  await page.selectOption('#role', 'city_editor');
  const cities = await page.$$eval('#city option', all =>
    all.map(o => ({ id: o.value, name: o.textContent })));
  who.city = cities[who.nth];
  await page.selectOption('#city', who.city.id);
  await press(page, page.locator('form[action$="/grant"] button'));
}

async function accept(page, who) {
  const link = linkIn(await letterTo(who.email));
  await page.goto(link.replace(/^https?:\/\/[^/]+/, base));
  await page.fill('#password', PASSWORD);
  await page.fill('#again', PASSWORD);
  await press(page, page.locator('main form button'));
  await page.goto('/account/second-factor');
  const secret = await page.locator('main code').first().textContent();
  await page.fill('#code', oneTimeCode(secret));
  await press(page, post(page, '/account/second-factor').locator('button'));
  return page.locator('ul.codes code').count();
}

async function begin(page, who) {
  await page.goto(`/cities/${who.city.id}/editions`);
  await page.fill('#title', who.title);
  await press(page, page.locator('form[action$="/editions"] button'));
  return new URL(page.url()).pathname.match(/^\/editions\/\d+/)[0];
}

async function handOver(page, edition, files) {
  await page.goto(`${edition}/files`);
  await page.setInputFiles('#files', files);
  await press(page, page.locator('form.drop button'));
  return page.locator('main table tbody tr').count();
}

// What the guess cannot know is filled in; what it knows is looked at.
async function describe(page, edition) {
  for (let i = 0; i < 100; i++) {
    await page.goto(`${edition}/description`);
    if (!await page.locator('p.job').count()) break; // the columns are read
    await page.waitForTimeout(300);
  }
  const value = name => page.locator(`[name="${name}"]`).inputValue();
  const guessed = [await value('r.population.path'),
    await value('r.areas.path'), await value('r.population.f.area'),
    await value('r.population.f.origin'), await value('r.population.f.count')];
  await fillIn(page);
  await press(page, page.locator('form.description button').last());
  return guessed;
}

async function fillIn(page) {
  const answers = { title: 'Habitants par quartier', 'passerelle.period': '2024',
    'passerelle.majority': 'FR', 'passerelle.city.longitude': '10.02',
    'passerelle.city.latitude': '36.02', 'licenses.0.name': 'CC-BY-4.0',
    'sources.0.title': 'Recensement', 'passerelle.city.name.en': 'City',
    'passerelle.city.name.fr': 'Ville', 'passerelle.city.name.ar': 'مدينة' };
  for (const [name, value] of Object.entries(answers))
    await page.fill(`[name="${name}"]`, value);
  await page.selectOption('[name="passerelle.basis"]', 'country-of-birth');
}

async function writeChapter(page, edition, language) {
  await page.goto(`${edition}/chapters`);
  await press(page, page.locator('ul.rows a').first());
  const code = page.locator('.codes code').first();
  const value = await code.count() ? await code.textContent() : '';
  await page.fill(`[name="text_${language}"]`, `Essai : ${value}.`);
  await press(page, page.locator('button[value="preview"]'));
  const seen = await page.locator('article.prose').first().textContent();
  await press(page, page.locator('button[value="save"]'));
  return { value, seen };
}

async function compute(page, edition) {
  await page.goto(`${edition}/result`);
  await press(page, page.locator('form[action$="/compute"] button'));
  for (let i = 0; i < 600; i++) {
    await page.goto(`${edition}/result`);
    if (!await page.locator('.job progress').count()) break;
    await page.waitForTimeout(400);
  }
  return page.locator('.cards a').evaluateAll(all =>
    all.map(a => a.getAttribute('href')));
}

async function move(page, edition, to) {
  await page.goto(`${edition}/review`);
  await press(page, page.locator(`form[action$="/move"] button[value="${to}"]`));
}

async function read(page, who) {
  const answer = await page.goto(`/cities/${who.city.id}/profile`);
  return { status: answer.status(), title: await page.title(),
    wide: await page.evaluate(() =>
      document.scrollingElement.scrollWidth - innerWidth) };
}

// ---- the path ----

async function travel(browser, secretariat, who) {
  const name = `${who.language}, ${who.scripts ? 'with' : 'without'} scripts, ` +
    who.package;
  const check = (ok, what, ...details) =>
    tell(ok, `${name}: ${what}`, details.map(String));
  await invite(secretariat, who);
  const context = await visit(browser, who);
  const page = await context.newPage();
  check(await accept(page, who) > 4, 'the invitation opens an account');
  const edition = await begin(page, who);
  const files = who.package === 'zip'
    ? [path.join(given.place, 'marsa.zip')]
    : looseFiles(path.join(given.place, 'loose'));
  const count = await handOver(page, edition, files);
  check(count >= 2, 'files are handed over', count);
  if (who.package === 'loose') {
    const guessed = await describe(page, edition);
    check(guessed.join() === 'habitants.csv,quartiers.geojson,quartier,' +
      'pays_de_naissance,habitants', 'the columns are guessed', guessed);
  }
  let pages = await compute(page, edition);
  check(pages.length >= 2, 'the profile is computed',
    await page.locator('main').innerText());
  const { value, seen } = await writeChapter(page, edition, who.language);
  check(value.includes('{{value:') && !seen.includes('{{') && /[0-9٠-٩]/.test(seen),
    'a chapter takes a value of the profile', value, seen);
  pages = await compute(page, edition);
  for (const href of pages)
    check((await page.goto(href)).status() === 200, `preview ${href}`);
  await move(page, edition, 'review');
  const none = await context.request.get(`/cities/${who.city.id}/profile`);
  check(none.status() === 404, 'nothing is public before it is reviewed',
    none.status());
  await move(secretariat, edition, 'published');
  const reader = await visit(browser, who);
  const public_ = await read(await reader.newPage(), who);
  check(public_.status === 200 && public_.wide <= 0,
    'anybody reads the published profile', JSON.stringify(public_));
  await reader.close();
  await context.close();
}

const browser = await launch();
const office = await visit(browser, { language: 'fr' });
const secretariat = await office.newPage();
await signIn(secretariat, 'secretariat');
for (const [i, traveller] of travellers.entries()) {
  const who = { ...traveller, nth: i + 2, name: `Voyageur ${i}`,
    email: `voyageur${i}@example.org`, title: `Profil ${i}` };
  try {
    await travel(browser, secretariat, who);
  } catch (e) {
    tell(false, `${who.language} ${who.package}: the path goes on`,
      String(e.stack).split('\n').slice(0, 9));
  }
}
await browser.close();
end();
