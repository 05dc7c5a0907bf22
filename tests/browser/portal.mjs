// A fund's portal and Bulla's own window: an officer's way there and back, in both languages; what goes wrong on it.
import assert from 'node:assert/strict';
import { Person, lookAt, places } from './browser.mjs';
import { ok } from './tap.mjs';
import { languages } from './words.mjs';

// Fills in the portal's form; the person then stands before the window's login.
export async function apply(person, fields = {}) {
  const { page } = person;
  await page.goto(places.portal);
  for (const [name, value] of Object.entries(fields)) await page.fill('#' + name, value);
  await page.click('main form button');
  await page.waitForURL(places.window + '/sealing/*');
}

export async function enter(person, login) {
  await person.fillLogin(login);
  await person.page.waitForSelector('input[name=key]');
}

// The key that the demonstration began with; others may have been deposited meanwhile.
export async function chooseKey(page) {
  await page.locator('.choice', { has: page.locator('strong:text-is("First Savings Bank seal")') }).locator('input[name=key]').check();
}

async function picturesLoaded(page) {
  const broken = await page.$$eval('main img', async images => {
    for (const image of images) { image.loading = 'eager'; await image.decode().catch(() => {}); }
    return images.filter(image => !image.naturalWidth).map(image => image.src);
  });
  assert.deepEqual(broken, []);
}

async function heardOf(page, event) {
  for (let i = 0; i < 100; i++) {
    if ((await page.textContent('#heard')).includes(event)) return;
    await page.waitForTimeout(100);
    await page.reload();
  }
  assert.fail(`the portal has not heard ${event}`);
}

async function wholeWay(tongue) {
  const w = languages[tongue];
  const person = await Person.come({ locale: w.locale });
  const { page } = person;
  const say = name => `${name} (${tongue})`;
  const shot = n => person.shot(`failed-${n}`);
  await ok(say('the portal leads to the window, on its own host'), async () => {
    await page.goto(places.portal);
    await person.shot(`portal-${tongue}`);
    await apply(person);
    assert.equal(await page.getAttribute('html', 'lang'), tongue);
    assert.ok(!(await page.textContent('main')).includes(w.bank), 'nothing is shown before the login');
    assert.ok(!page.url().includes('/w/'), 'the address is not in the bar');
    await lookAt(page, 'window login');
  }, shot);
  await ok(say('the officer sees pages, data, certificate'), async () => {
    await enter(person, 'officer');
    const text = await page.textContent('main');
    for (const part of [w.bank, 'First Savings Bank seal', 'Demonstration Authority', 'B-LTA', 'Guarantee portal']) assert.ok(text.includes(part), part);
    await picturesLoaded(page);
    await lookAt(page, 'sealing window');
    await person.shot(`window-${tongue}`);
    await page.click('figcaption a[href*="/pages/"]');
    await picturesLoaded(page);
    await lookAt(page, 'page of a document');
    await person.shot(`window-page-${tongue}`);
    await page.goBack();
  }, shot);
  await ok(say('a wrong password of the key is told, and may be typed again'), async () => {
    person.allow(401, 403, 409, 422);
    await page.fill('#password', 'Wrong-Password-1');
    await page.click('form[data-once] button');
    await page.waitForSelector('main [role=alert]');
    assert.ok((await page.textContent('main [role=alert]')).includes(w.wrongKey));
    assert.equal(await page.getAttribute('#password', 'aria-invalid'), 'true');
    assert.equal(await page.inputValue('#password'), '', 'what was typed does not come back');
    await lookAt(page, 'wrong password');
    await person.shot(`window-wrong-${tongue}`);
  }, shot);
  await ok(say('the right one seals'), async () => {
    await page.fill('#password', places.keyPassword);
    await page.click('form[data-once] button');
    await page.waitForSelector('.verdict.good');
    assert.equal((await page.textContent('.verdict h2')).trim(), w.sealed);
    await lookAt(page, 'sealed');
    await person.shot(`window-sealed-${tongue}`);
  }, shot);
  await ok(say('back at the portal, which has heard of it'), async () => {
    await page.click(`a[href^="${places.portal}/"]`);
    await page.waitForURL(places.portal + '/applications/*');
    await heardOf(page, 'sealing.sealed');
    assert.equal((await page.textContent('#state')).trim(), w.portalSealed);
    const file = await person.context.request.get(await page.getAttribute('#download', 'href').then(h => places.portal + h));
    assert.equal((await file.body()).subarray(0, 5).toString(), '%PDF-');
  }, shot);
  await ok(say('handed in, it is accepted'), async () => {
    await page.click('main form button');
    await page.waitForSelector('#word');
    assert.equal((await page.textContent('#word')).trim(), w.accept);
    await lookAt(page, 'portal').catch(error => { throw error; });
    await person.shot(`portal-verdict-${tongue}`);
  }, shot);
  await ok(say('nothing left the service, nothing was refused by the browser'), async () => person.wasQuiet());
  await person.leave();
}

async function twoOfficers() {
  const first = await Person.come(), second = await Person.come();
  second.allow(409);
  await ok('two officers: the second hears that the first has sealed', async () => {
    await apply(first);
    // The second comes by the same address, from the portal.
    const sealing = first.page.url();
    await first.page.goto(places.portal);
    const number = await ofThePortal(sealing);
    await second.page.goto(number);
    await second.page.click('#window');
    await enter(second, 'officer2');
    await first.page.goto(sealing);
    await enter(first, 'officer');
    await first.page.fill('#password', places.keyPassword);
    await first.page.click('form[data-once] button');
    await first.page.waitForSelector('.verdict.good');
    await second.page.fill('#password', places.keyPassword);
    await second.page.click('form[data-once] button');
    await second.page.waitForSelector('.verdict, [role=alert]');
    assert.equal(await second.page.locator('input[name=key]').count(), 0, 'it is not offered again');
    await lookAt(second.page, 'sealed by another');
    await second.shot('window-late');
    first.wasQuiet();
    second.wasQuiet();
  }, n => second.shot(`failed-${n}`));
  await first.leave();
  await second.leave();
}

// The portal's page of the application last made.
async function ofThePortal() {
  const answer = await fetch(places.portal + '/last', { redirect: 'manual' });
  return places.portal + answer.headers.get('location');
}

async function refusing() {
  const person = await Person.come();
  const { page } = person;
  await ok('an officer refuses, and the portal is told', async () => {
    await apply(person, { purpose: 'To be refused' });
    await enter(person, 'officer');
    await page.click('details.panel > summary');
    await page.fill('#reason', 'The sum is wrong');
    await person.shot('window-refuse');
    await page.click('button.danger');
    await page.waitForSelector('.verdict');
    await lookAt(page, 'refused');
    await person.shot('window-refused');
    await page.click(`a[href^="${places.portal}/"]`);
    await heardOf(page, 'sealing.cancelled');
    assert.equal((await page.textContent('#state')).trim(), languages.en.portalRefused);
    person.wasQuiet();
  }, n => person.shot(`failed-${n}`));
  await person.leave();
}

async function strangers() {
  const person = await Person.come();
  const { page } = person;
  person.allow(401, 403, 404, 422);
  await ok('a wrong login at the window is told', async () => {
    await apply(person);
    await person.fillLogin('officer', 'Wrong-Password-1');
    await page.waitForSelector('[role=alert]');
    await lookAt(page, 'window login, refused');
    await person.fillLogin('clerk');
    await page.waitForSelector('[role=alert]');
  }, n => person.shot(`failed-${n}`));
  await ok('a forged address of a window is not found', async () => {
    await page.goto(places.window + '/w/0123456789012345678901234567890123456789012');
    await lookAt(page, 'not found');
    await person.shot('not-found');
    person.wasQuiet();
  }, n => person.shot(`failed-${n}`));
  await person.leave();
}

export async function portalTests() {
  for (const tongue of Object.keys(languages)) await wholeWay(tongue);
  await twoOfficers();
  await refusing();
  await strangers();
}
