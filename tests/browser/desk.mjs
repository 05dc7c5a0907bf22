// The clerk's desk: files dropped, one opened, decided; a second person's approvals; administration; the auditor; in both languages.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Person, lookAt, places } from './browser.mjs';
import { apply } from './portal.mjs';
import { ok } from './tap.mjs';
import { languages } from './words.mjs';

const files = fs.readdirSync(places.files).map(name => path.join(places.files, name));

// What the table says: file -> word.
async function wordsOf(page) {
  const rows = await page.$$eval('table tbody tr', all => all.map(row => [row.querySelector('th')?.innerText.split('\n')[0],
    row.querySelector('.badge')?.innerText.trim(), row.cells[2]?.innerText.trim()]));
  return new Map(rows.filter(([name]) => name).map(([name, word, why]) => [name, { word, why }]));
}

async function drop(page, selector, list) {
  const content = list.map(file => ({ name: file.name, base64: file.buffer.toString('base64') }));
  const transfer = await page.evaluateHandle(all => {
    const data = new DataTransfer();
    for (const { name, base64 } of all)
      data.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], name, { type: 'application/pdf' }));
    return data;
  }, content);
  await page.dispatchEvent(selector, 'dragenter', { dataTransfer: transfer });
  await page.dispatchEvent(selector, 'dragover', { dataTransfer: transfer });
  assert.ok(await page.$eval(selector, form => form.classList.contains('over')), 'the place shows that it takes them');
  await page.dispatchEvent(selector, 'drop', { dataTransfer: transfer });
}

async function checked(page, w, n, timeout = 90000) {
  await page.waitForFunction(([source, wanted]) => new RegExp(source).exec(document.querySelector('[data-status]').textContent)?.[1] === String(wanted),
    [w.checked.source, n], { timeout });
}

const buffer = name => fs.readFileSync(path.join(places.files, name));

async function checking(person, w, say, shot) {
  const { page } = person;
  await ok(say('files chosen are judged one by one, a word and a sentence each'), async () => {
    await page.goto(places.desk + '/check');
    await lookAt(page, 'check, empty');
    await page.setInputFiles('#file', files);
    await page.click('form[data-drop] button');
    await checked(page, w, files.length);
    const found = await wordsOf(page);
    const wanted = { 'sealed.pdf': w.accept, 'scan-sealed.pdf': w.accept, 'two-seals.pdf': null, 'tampered.pdf': w.refuse, 'changed-later.pdf': w.refuse,
      'not-sealed.pdf': w.closer };
    for (const [name, word] of Object.entries(wanted)) {
      assert.ok(found.get(name)?.word, name + ' has a word');
      if (word) assert.equal(found.get(name).word, word, name);
      assert.ok(found.get(name).why.length > 10, name + ' says why');
    }
    await lookAt(page, 'check, with results');
    await page.evaluate(() => scrollTo(0, 0));
    await person.shot(`desk-check-${say('')}`.replace(/[ ()]/g, ''));
  }, shot);
  await ok(say('dropped: one, and too many'), async () => {
    await drop(page, 'form[data-drop]', [{ name: 'dropped.pdf', buffer: buffer('sealed.pdf') }]);
    await checked(page, w, 1);
    assert.equal((await wordsOf(page)).get('dropped.pdf').word, w.accept);
    await drop(page, 'form[data-drop]', Array.from({ length: 51 }, (_, i) => ({ name: `n${i}.pdf`, buffer: Buffer.from('x') })));
    assert.match(await page.textContent('[data-status]'), /50/);
  }, shot);
}

async function fifty(person, w) {
  const { page } = person;
  await ok('fifty files dropped at once', async () => {
    await page.goto(places.desk + '/check');
    await drop(page, 'form[data-drop]', Array.from({ length: 50 }, (_, i) => ({ name: `fifty-${i}.pdf`, buffer: buffer(i % 2 ? 'not-sealed.pdf' : 'sealed.pdf') })));
    await checked(page, w, 50);
    const found = await wordsOf(page);
    for (let i = 0; i < 50; i++) assert.equal(found.get(`fifty-${i}.pdf`)?.word, i % 2 ? w.closer : w.accept, `fifty-${i}.pdf`);
  }, n => person.shot(`failed-${n}`));
}

async function open(page, name) {
  await page.goto(places.desk + '/filings?q=' + name);
  await page.click(`table tbody th a:text-is("${name}")`);
  await page.waitForSelector('.verdict');
}

async function oneFiling(person, w, tongue, say, shot) {
  const { page } = person;
  await ok(say('one opened: who, when, what is signed, causes with remedies'), async () => {
    await open(page, 'tampered.pdf');
    assert.equal((await page.textContent('.verdict h2')).trim(), w.refuse);
    assert.ok(await page.locator('.cause .remedy').count() > 0, 'what helps');
    assert.ok((await page.textContent('main')).includes('First Savings Bank'));
    await lookAt(page, 'filing');
    await person.shot(`desk-filing-${tongue}`);
  }, shot);
  await ok(say('what changed since: pages then and now'), async () => {
    await open(page, 'changed-later.pdf');
    await person.shot(`desk-changed-filing-${tongue}`);
    await page.click('a[href$="/changes"]');
    await page.waitForSelector('figure img');
    assert.ok(await page.locator('figure').count() >= 2);
    assert.match(await page.textContent('h2'), w.different);
    assert.match((await page.locator('ins').allTextContents()).join(), /91/);
    assert.match((await page.locator('del').allTextContents()).join(), /31/);
    assert.ok(await page.$$eval('figure img', images => images.every(image => image.naturalWidth > 100 && image.alt.length > 5)));
    await lookAt(page, 'changes');
    await person.shot(`desk-changes-${tongue}`);
  }, shot);
  await ok(say('the report in four forms'), async () => {
    await open(page, 'sealed.pdf');
    for (const [form, start] of [['pdf', '%PDF-'], ['xml', '<?xml'], ['json', '{']]) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`a[href$="/report/${form}"]`)]);
      const saved = fs.readFileSync(await download.path());
      assert.equal(saved.subarray(0, start.length).toString(), start, form);
      assert.match(download.suggestedFilename(), new RegExp(`\\.${form}$`));
    }
    const content = await person.context.request.get(places.desk + await page.getAttribute('a[href$="/report/html"]', 'href'));
    const sheet = await Person.come({ locale: w.locale });
    await sheet.page.setContent(await content.text());
    await lookAt(sheet.page, 'report');
    await sheet.leave();
    const [html] = await Promise.all([page.waitForEvent('download', { timeout: 3000 }).catch(() => null), page.click('a[href$="/report/html"]')]);
    if (html) assert.match(fs.readFileSync(await html.path(), 'utf8'), /<html/i);
    else {
      await page.waitForURL('**/report/html');
      assert.equal(await page.getAttribute('html', 'lang'), tongue);
      await person.shot(`report-${tongue}`);
    }
  }, shot);
  await ok(say('a decision, once; another wants a note'), async () => {
    const name = `decided-${tongue}.pdf`;
    await page.goto(places.desk + '/check');
    await page.setInputFiles('#file', [{ name, mimeType: 'application/pdf', buffer: buffer('sealed.pdf') }]);
    await page.click('form[data-drop] button');
    await checked(page, w, 1);
    await page.click(`a:text-is("${name}")`);
    await page.click('button[value=accepted]');
    await page.waitForSelector('.flash.good');
    assert.ok((await page.textContent('aside')).includes(w.accepted));
    assert.ok((await page.textContent('aside')).includes('Anna Kovács'));
    await lookAt(page, 'filing, decided');
    person.allow(400, 422);
    await open(page, 'tampered.pdf');
    await page.click('button[value=accepted]');
    await page.waitForSelector('main h1');
    assert.equal(await page.locator('.flash.good').count(), 0, 'not without a note');
  }, shot);
  await ok(say('the queue is filtered'), async () => {
    await page.goto(places.desk + '/filings');
    await lookAt(page, 'filings');
    await person.shot(`desk-queue-${tongue}`);
    await page.selectOption('#word', 'refuse');
    await page.click('form.filters button');
    await page.waitForSelector('table tbody tr');
    for (const [name, { word }] of await wordsOf(page)) assert.equal(word, w.refuse, name);
    await page.fill('#q', 'no file has this name');
    await page.click('form.filters button');
    await page.waitForSelector('main p[role=status]');
    assert.ok((await page.textContent('main')).includes(w.noMatch));
    await page.goto(places.desk + '/');
    assert.ok(await page.locator('.tiles a').count() >= 3);
    await lookAt(page, 'overview');
    await person.shot(`desk-overview-${tongue}`);
  }, shot);
}

async function clerk(tongue) {
  const w = languages[tongue];
  const person = await Person.come({ locale: w.locale });
  const say = name => `${name} (${tongue})`;
  const shot = n => person.shot(`failed-${n}`);
  await ok(say('a clerk logs in'), async () => {
    person.allow(401, 403, 422);
    await person.page.goto(places.desk);
    await person.fillLogin('clerk', 'Wrong-Password-1');
    await person.page.waitForSelector('#failed');
    await lookAt(person.page, 'login, refused');
    await person.shot(`login-${tongue}`);
    await person.logIn('desk', 'clerk');
    assert.equal(await person.page.getAttribute('html', 'lang'), tongue);
  }, shot);
  await checking(person, w, say, shot);
  if (tongue === 'en') await fifty(person, w);
  await oneFiling(person, w, tongue, say, shot);
  await ok(say('the desk stays by itself'), async () => person.wasQuiet());
  await person.leave();
}

async function approvals(tongue) {
  const person = await Person.come({ locale: languages[tongue].locale });
  const { page } = person;
  await ok(`a second person approves what waits (${tongue})`, async () => {
    await person.logIn('desk', 'approver');
    await page.goto(places.desk + '/approvals');
    await lookAt(page, 'approvals');
    assert.equal(await page.locator('main strong.bad, main .fault').count(), 0, 'the certificate has the number of the partner');
    await person.shot(`approvals-${tongue}`);
    const waiting = page.locator('main .panel form');
    const before = await waiting.count();
    assert.ok(before > 0, 'something waits');
    await waiting.first().locator('input[name=note]').fill('Read, and in order.');
    await waiting.first().locator('button[value=approved]').click();
    await page.waitForSelector('.flash.good');
    assert.equal(await waiting.count(), before - 1);
    await lookAt(page, 'approvals, decided');
    await person.shot(`approvals-decided-${tongue}`);
    person.wasQuiet();
  }, n => person.shot(`failed-${n}`));
  await person.leave();
}

function freshKey(name) {
  const secret = path.join(places.folder, 'fresh.password');
  fs.writeFileSync(secret, places.keyPassword + '\n');
  execFileSync(path.join(path.dirname(places.bulla), 'bulla-authority'), ['issue', places.ca, name, '--org', 'First Savings Bank', '--org-id', 'NTRHU-01-10-041585', '--subject-cn',
    'First Savings Bank branch seal', '--password-file', secret]);
  return path.join(places.ca, 'issued', name + '.p12');
}

async function partner(tongue) {
  const w = languages[tongue];
  const person = await Person.come({ locale: w.locale });
  const { page } = person;
  await ok(`a partner deposits a key; a wrong password is told (${tongue})`, async () => {
    person.allow(422);
    await person.logIn('window', 'partner');
    const key = freshKey('branch-' + tongue);
    await page.goto(places.window + '/partner');
    await lookAt(page, 'keys');
    await page.setInputFiles('#file', key);
    await page.fill('#password', 'short');
    await page.click('section form button');
    await page.waitForSelector('.fault');
    assert.match(await page.textContent('.fault'), w.wrongFile);
    await lookAt(page, 'keys, refused');
    await person.shot(`partner-refused-${tongue}`);
    await page.setInputFiles('#file', key);
    await page.fill('#password', places.keyPassword);
    await page.click('section form button');
    await page.waitForSelector('.flash.good');
    await lookAt(page, 'key');
    await person.shot(`partner-key-${tongue}`);
    const fresh = 'Fresh+Password+11';
    await page.fill('#password', places.keyPassword);
    await page.fill('#new_password', fresh);
    await page.fill('#again', fresh + 'x');
    await page.click('section form button >> nth=0');
    await page.waitForSelector('.fault');
    await page.fill('#password', places.keyPassword);
    await page.fill('#new_password', fresh);
    await page.fill('#again', fresh);
    await page.click('section form button >> nth=0');
    await page.waitForSelector('.flash.good');
    await page.goto(places.window + '/partner');
    await person.shot(`partner-keys-${tongue}`);
  }, n => person.shot(`failed-${n}`));
  await ok(`officers of a partner (${tongue})`, async () => {
    await page.goto(places.window + '/partner/officers');
    await lookAt(page, 'officers');
    const login = 'new-' + tongue;
    await page.fill('#add-login', login);
    await page.fill('#add-name', 'Új Ügyintéző');
    await page.fill('#add-password', 'short');
    await page.check('#add-officer');
    await page.click('section form button');
    await page.waitForSelector('.fault');
    await page.fill('#add-password', places.password);
    await page.click('section form button');
    await page.waitForSelector('.flash.good');
    await person.shot(`officers-${tongue}`);
    await page.click(`tr:has(td:text-is("${login}")) th a`);
    await page.waitForSelector('#active');
    await lookAt(page, 'officer');
    await page.uncheck('#active');
    await page.click('main form button');
    await page.waitForSelector('.flash.good');
    await apply(person); // so that there is one
    for (const place of ['/partner/sealings', '/partner/log']) {
      await page.goto(places.window + place);
      assert.ok(await page.locator('table tbody tr').count() > 0, place);
      await lookAt(page, place);
      await person.shot(place.slice(1).replace('/', '-') + '-' + tongue);
    }
    person.wasQuiet();
  }, n => person.shot(`failed-${n}`));
  await person.leave();
}

async function administration(tongue) {
  const person = await Person.come({ locale: languages[tongue].locale });
  const { page } = person;
  await ok(`partners and staff are administered (${tongue})`, async () => {
    person.allow(422);
    await person.logIn('desk', 'admin');
    await page.goto(places.desk + '/partners');
    await lookAt(page, 'partners');
    await page.fill('#name', 'Second Bank ' + tongue);
    await page.fill('#number', '01-10-00000' + (tongue === 'en' ? 1 : 2));
    await page.click('section form button');
    await page.waitForSelector('.flash.good');
    await page.goto(places.desk + '/partners');
    await page.click('table a:text-is("First Savings Bank")');
    await page.waitForSelector('#add-login');
    await lookAt(page, 'partner');
    await person.shot(`admin-partner-${tongue}`);
    await page.goto(places.desk + '/staff');
    await lookAt(page, 'staff');
    await page.fill('#add-login', 'clerk-' + tongue);
    await page.fill('#add-name', 'Second Clerk');
    await page.check('#add-clerk');
    await page.fill('#add-password', places.password);
    await page.click('section form button');
    await page.waitForSelector('.flash.good');
    await person.shot(`admin-staff-${tongue}`);
    person.wasQuiet();
  }, n => person.shot(`failed-${n}`));
  const fresh = await Person.come({ locale: languages[tongue].locale });
  await ok(`whoever was given a password chooses another at once (${tongue})`, async () => {
    fresh.allow(422);
    await fresh.page.goto(places.desk + '/login');
    await fresh.fillLogin('clerk-' + tongue);
    await fresh.page.waitForSelector('#new_password');
    await lookAt(fresh.page, 'account');
    await fresh.shot(`account-${tongue}`);
    await fresh.page.fill('#password', places.password);
    await fresh.page.fill('#new_password', 'Another-Horse-10');
    await fresh.page.fill('#again', 'Another-Horse-10');
    await fresh.page.click('form[action="/account/password"] button');
    await fresh.page.waitForSelector('.flash.good');
    await fresh.page.goto(places.desk + '/check');
    await fresh.page.waitForSelector('#file');
    fresh.wasQuiet();
  }, n => fresh.shot(`failed-${n}`));
  await fresh.leave();
  await person.leave();
}

async function auditor(tongue) {
  const person = await Person.come({ locale: languages[tongue].locale });
  const { page } = person;
  await ok(`the auditor reads the log (${tongue})`, async () => {
    person.allow(403);
    await person.logIn('desk', 'auditor');
    await page.goto(places.desk + '/log');
    await lookAt(page, 'log');
    await person.shot(`log-${tongue}`, { fullPage: false });
    await page.selectOption('#kind', 'key.');
    await page.click('form.filters button');
    await page.waitForURL('**kind=key.*');
    const kinds = await page.$$eval('tbody td.code:nth-of-type(2)', cells => cells.map(cell => cell.textContent));
    assert.ok(kinds.length > 0 && kinds.every(kind => kind.startsWith('key.')), kinds.join());
    await page.goto(places.desk + '/approvals');
    await page.waitForSelector('h1');
    await lookAt(page, 'forbidden');
    await person.shot(`forbidden-${tongue}`);
    person.wasQuiet();
  }, n => person.shot(`failed-${n}`));
  await person.leave();
}

export async function deskTests() {
  for (const tongue of Object.keys(languages)) {
    await clerk(tongue);
    await partner(tongue);
    await approvals(tongue);
    await administration(tongue);
    await auditor(tongue);
  }
}
