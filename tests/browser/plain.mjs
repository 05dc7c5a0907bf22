// The plain path: a browser that runs no script.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Person, places } from './browser.mjs';
import { apply, chooseKey, enter } from './portal.mjs';
import { ok } from './tap.mjs';
import { languages } from './words.mjs';

export async function plainTests() {
  const w = languages.en;
  const person = await Person.come({ javaScriptEnabled: false });
  const { page } = person;
  const shot = n => person.shot(`failed-${n}`);
  await ok('without script: sealed in the window', async () => {
    person.allow(403, 409, 422);
    await apply(person);
    await enter(person, 'officer');
    await page.fill('#password', 'Wrong-Password-1');
    await page.click('form.panel button');
    await page.waitForSelector('main [role=alert]');
    await chooseKey(page);
    await page.fill('#password', places.keyPassword);
    await page.click('form.panel button');
    for (let i = 0; i < 30 && await page.locator('.verdict.good').count() === 0; i++) {
      await page.waitForTimeout(300);
      await page.click('a:text-is("Look again")', { timeout: 500 }).catch(() => {});
    }
    assert.equal((await page.textContent('.verdict h2')).trim(), w.sealed);
    await page.click(`a[href^="${places.portal}/"]`);
    await page.click('main form button');
    assert.equal((await page.textContent('#word')).trim(), w.accept);
  }, shot);
  await ok('without script: several files at once, one opened, decided', async () => {
    await person.logIn('desk', 'clerk');
    await page.goto(places.desk + '/check');
    await page.setInputFiles('#file', ['sealed.pdf', 'tampered.pdf', 'not-sealed.pdf'].map(name =>
      ({ name: 'plain-' + name, mimeType: 'application/pdf', buffer: fs.readFileSync(path.join(places.files, name)) })));
    await page.click('main form button');
    await page.waitForSelector('table tbody tr >> nth=2', { timeout: 60000 });
    const table = await page.textContent('table');
    for (const word of [w.accept, w.refuse, w.closer]) assert.ok(table.includes(word), word);
    await person.shot('desk-plain');
    await page.click('a:text-is("plain-tampered.pdf")');
    assert.equal((await page.textContent('.verdict h2')).trim(), w.refuse);
    await page.fill('#note', 'Not what was sealed.');
    await page.click('button[value=refused]');
    await page.waitForSelector('.flash.good');
    await page.click('header button.plain');
    await page.waitForURL('**/login**');
  }, shot);
  await ok('without script: the other language', async () => {
    await page.click('a[hreflang=hu]');
    assert.equal(await page.getAttribute('html', 'lang'), 'hu');
    person.wasQuiet();
  }, shot);
  await person.leave();
}
