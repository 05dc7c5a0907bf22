// Chromium, and persons in front of it. Whatever a page does besides what it was asked for is written down: requests that
// leave the service, errors and violations of the Content-Security-Policy on the console.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [build, placesFile] = process.argv.slice(2);
const need = createRequire(pathToFileURL(path.resolve(build, 'browser', 'node_modules', 'x')));
const { chromium } = need('playwright-core');
const axe = fs.readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');

export const places = JSON.parse(fs.readFileSync(placesFile, 'utf8'));
export const shots = path.resolve(build, 'browser', 'screenshots');
fs.mkdirSync(shots, { recursive: true });
const ours = new Set([places.portal, places.window, places.desk]);
let browser;

export async function begin() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--font-render-hinting=none'] });
}
export async function end() { await browser.close(); }

export class Person {
  // options: as of Playwright's newContext; { locale: 'hu-HU' }, { javaScriptEnabled: false } ...
  static async come(options = {}) {
    const person = new Person();
    person.strange = [];
    person.requests = 0;
    person.allowed = new Set();
    person.context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Budapest', viewport: { width: 1280, height: 900 },
      ignoreHTTPSErrors: true, acceptDownloads: true, ...options });
    person.context.setDefaultTimeout(30000);
    await person.context.exposeBinding('__violated', (_, what) => { person.strange.push('policy: ' + what); }).catch(() => {});
    await person.context.addInitScript(() => addEventListener('securitypolicyviolation', event =>
      window.__violated?.(`${location.href}: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)));
    person.context.on('request', request => {
      const url = request.url();
      person.requests++;
      if (!url.startsWith('data:') && !url.startsWith('blob:') && !ours.has(new URL(url).origin)) person.strange.push('request: ' + url);
    });
    person.context.on('console', message => {
      if (message.type() !== 'error' && !/Content.Security.Policy/i.test(message.text())) return;
      const status = /server responded with a status of (\d+)/.exec(message.text());
      if (status && person.allowed.has(Number(status[1]))) return;
      person.strange.push(`console: ${message.text()} (${message.location().url})`);
    });
    person.context.on('weberror', event => person.strange.push('script: ' + event.error()));
    person.page = await person.context.newPage();
    return person;
  }
  // Statuses that a case provokes; the console tells them as errors.
  allow(...statuses) { for (const status of statuses) this.allowed.add(status); }
  // No request left the service and nothing was refused or failed in the page.
  wasQuiet() {
    assert.ok(this.requests > 0, 'requests were seen');
    assert.deepEqual(this.strange, []);
  }
  async leave() { await this.context.close(); }

  async logIn(place, login, password = places.password) {
    await this.page.goto(places[place] + '/login');
    await this.fillLogin(login, password);
    await this.page.waitForURL(url => !url.pathname.startsWith('/login'));
  }
  async fillLogin(login, password = places.password) {
    await this.page.fill('#login', login);
    await this.page.fill('#password', password);
    await this.page.click('main form button');
  }
  async shot(name, options = {}) {
    await this.page.screenshot({ path: path.join(shots, name + '.png'), fullPage: true, ...options });
  }
}

// The look of a page: rules of accessibility by axe, in both schemes of colour; room at 320 px; on paper.
export async function lookAt(page, what) {
  const found = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
    const result = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
    for (const violation of result.violations)
      found.push(`${what} (${colorScheme}): ${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map(n => n.target + ' ' + n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const before = page.viewportSize();
  for (const width of [320, 768]) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => {
      const room = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= room) return null;
      const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1 && !e.closest('.scroll, pre'));
      return `${document.documentElement.scrollWidth} px: ` + out.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(' | ');
    });
    if (wide) found.push(`${what}: wider than ${width} px: ${wide}`);
  }
  await page.setViewportSize({ width: 700, height: 900 });
  await page.emulateMedia({ media: 'print' });
  const onPaper = await page.evaluate(() => {
    const faults = [];
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push('wider than the paper');
    for (const e of document.querySelectorAll('header nav, .bottom nav, form, .who'))
      if (e.getClientRects().length) faults.push('printed: ' + e.outerHTML.slice(0, 80));
    if (!document.querySelector('h1')?.getClientRects().length) faults.push('no heading');
    const h1 = document.querySelector('h1');
    if (h1) {
      const light = getComputedStyle(h1).color.match(/\d+/g).map(Number);
      if (light[0] + light[1] + light[2] > 200) faults.push('pale on paper: ' + light);
    }
    return faults;
  });
  for (const fault of onPaper) found.push(`${what}, on paper: ${fault}`);
  await page.emulateMedia({ media: null });
  await page.setViewportSize(before);
  assert.deepEqual(found, []);
}
