// The pictures of the README: made at each run, so that they can be made; written to tests/browser/pictures when PICTURES is set.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Person, places, shots } from './browser.mjs';
import { indexedPng } from './indexed_png.mjs';
import { apply, enter } from './portal.mjs';
import { ok } from './tap.mjs';

const MOST = 120 * 1024;
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'pictures');

async function take(page, name, height) {
  await page.mouse.move(0, 0);
  await page.setViewportSize({ width: 1200, height });
  await page.$$eval('main img', images => Promise.all(images.map(image => { image.loading = 'eager'; return image.decode(); })));
  const picture = indexedPng(await page.screenshot());
  assert.ok(picture.length < MOST, `${name}.png is ${picture.length} octets`);
  fs.writeFileSync(path.join(shots, `readme-${name}.png`), picture);
  if (process.env.PICTURES) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, name + '.png'), picture);
  }
}

export async function pictureTests() {
  const person = await Person.come({ viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce' });
  const { page } = person;
  const shot = n => person.shot(`failed-${n}`);
  await ok('picture: portal', async () => {
    await page.goto(places.portal);
    await take(page, 'portal', 640);
  }, shot);
  await ok('picture: sealing window', async () => {
    await apply(person);
    await enter(person, 'officer');
    await take(page, 'window', 1000);
  }, shot);
  await ok('pictures: desk, and what changed', async () => {
    await person.logIn('desk', 'clerk');
    await page.goto(places.desk + '/check');
    await page.setInputFiles('#file', fs.readdirSync(places.files).sort().reverse().map(name => path.join(places.files, name)));
    await page.click('form[data-drop] button');
    await page.waitForSelector('table[data-results] tbody tr >> nth=5', { timeout: 60000 });
    await page.waitForSelector('progress', { state: 'hidden' });
    await take(page, 'desk', 1060);
    await page.click('a:text-is("changed-later.pdf")');
    await page.waitForSelector('.verdict');
    await take(page, 'filing', 1000);
    await page.click('a[href$="/changes"]');
    await page.waitForSelector('figure img');
    await page.evaluate(() => scrollTo(0, 0));
    await take(page, 'changes', 1000);
    await page.click('button.plain');
  }, shot);
  await ok('picture: approvals', async () => {
    await person.logIn('desk', 'approver');
    await page.goto(places.desk + '/approvals');
    await page.waitForSelector('main form');
    await take(page, 'approvals', 830);
    person.wasQuiet();
  }, shot);
  await person.leave();
}
