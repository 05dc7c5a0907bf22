// The whole way by Tab, Enter and Space alone; wherever one stands is seen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Person, places } from './browser.mjs';
import { ok } from './tap.mjs';

// Where the keyboard stands; fails when it cannot be seen there.
async function here(page) {
  await page.evaluate(() => new Promise(requestAnimationFrame)); // scrolled to
  const stop = await page.evaluate(() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    return { html: e.outerHTML.slice(0, 120), line: style.outlineStyle, width: parseFloat(style.outlineWidth), colour: style.outlineColor,
      inView: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth && box.width > 0 };
  });
  if (!stop) return;
  assert.ok(stop.line !== 'none' && stop.width >= 2, 'the focus has an outline: ' + JSON.stringify(stop));
  assert.ok(!/rgba\(.*, 0\)|transparent/.test(stop.colour), 'the outline has a colour: ' + JSON.stringify(stop));
  assert.ok(stop.inView, 'the focus is in view: ' + JSON.stringify(stop));
}

async function tabTo(page, selector) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    await here(page);
    if (await page.evaluate(wanted => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`no way to ${selector} by Tab on ${page.url()}`);
}

async function press(page, selector, key = 'Enter') {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

// The key that the demonstration began with, among those deposited meanwhile: by the arrows of its group.
async function chooseKey(page) {
  await tabTo(page, 'input[name=key]');
  const chosen = () => page.evaluate(() => document.querySelector('input[name=key]:checked').closest('.choice').querySelector('strong').textContent);
  for (let i = 0; i < 5 && await chosen() !== 'First Savings Bank seal'; i++) {
    await page.keyboard.press('ArrowDown');
    await here(page);
  }
  assert.equal(await chosen(), 'First Savings Bank seal');
}

async function logIn(page, login) {
  await tabTo(page, '#login');
  await page.keyboard.type(login);
  await tabTo(page, '#password');
  await page.keyboard.type(places.password);
  await page.keyboard.press('Enter');
}

export async function keyboardTests() {
  const person = await Person.come({ viewport: { width: 1280, height: 720 } });
  const { page } = person;
  const shot = n => person.shot(`failed-${n}`);
  await ok('keyboard: from the portal into the window', async () => {
    await page.goto(places.portal);
    await press(page, 'main form button');
    await page.waitForURL(places.window + '/sealing/*');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches('a.skip')), 'the first stop skips what stands on every page');
    await here(page);
    await page.keyboard.press('Enter');
    assert.ok(await page.evaluate(() => document.activeElement.matches('main')), 'to the content');
    await logIn(page, 'officer');
    await page.waitForSelector('input[name=key]');
  }, shot);
  await ok('keyboard: pages looked at, a note unfolded, sealed', async () => {
    await press(page, 'figcaption a[href*="/pages/"]');
    await page.waitForURL('**/pages/1');
    await press(page, 'main a[href*="/sealing/"]');
    await page.waitForSelector('input[name=key]');
    await chooseKey(page);
    await press(page, 'form.panel summary', 'Space');
    assert.ok(await page.evaluate(() => document.activeElement.parentElement.open), 'unfolded');
    await tabTo(page, 'form.panel #password');
    await page.keyboard.type(places.keyPassword);
    await press(page, 'form.panel button', 'Space');
    await page.waitForSelector('.verdict.good');
  }, shot);
  await ok('keyboard: back, and handed in', async () => {
    await press(page, `a[href^="${places.portal}/"]`);
    await page.waitForURL(places.portal + '/**');
    await press(page, 'main form button', 'Space');
    await page.waitForSelector('#word');
  }, shot);
  await ok('keyboard: the desk: files chosen and judged', async () => {
    await page.goto(places.desk);
    await logIn(page, 'clerk');
    await page.waitForURL(places.desk + '/');
    await press(page, 'nav a[href="/check"]');
    await page.waitForURL('**/check');
    await tabTo(page, '#file');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles([{ name: 'by-keyboard.pdf', mimeType: 'application/pdf', buffer: fs.readFileSync(path.join(places.files, 'changed-later.pdf')) }]);
    await press(page, 'form[data-drop] button');
    await page.waitForSelector('table[data-results] tbody a', { timeout: 60000 });
    await press(page, 'table[data-results] tbody a');
    await page.waitForSelector('.verdict.bad');
  }, shot);
  await ok('keyboard: certificate, changes, decision, out', async () => {
    await press(page, 'details summary', 'Space');
    assert.ok(await page.evaluate(() => document.activeElement.parentElement.open), 'unfolded');
    await press(page, 'a[href$="/changes"]');
    await page.waitForSelector('figure img');
    await press(page, 'main a[href^="/filings/"]');
    await page.waitForSelector('.verdict');
    await tabTo(page, '#note');
    await page.keyboard.type('Not what was sealed.');
    await press(page, 'button[value=refused]', 'Space');
    await page.waitForSelector('.flash.good');
    await press(page, 'button.plain');
    await page.waitForURL('**/login**');
  }, shot);
  await ok('keyboard: the pages were quiet', async () => person.wasQuiet());
  await person.leave();
}
