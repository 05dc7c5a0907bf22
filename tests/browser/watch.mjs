// That the tests see what they are for: a page with faults of every kind is told of.
import assert from 'node:assert/strict';
import { Person, lookAt, places } from './browser.mjs';
import { ok } from './tap.mjs';

export async function watchTests() {
  const person = await Person.come();
  const { page } = person;
  const look = async html => {
    await page.evaluate(content => { document.querySelector('main').innerHTML = content; }, html);
    return lookAt(page, 'x').then(() => 'nothing', error => error.message);
  };
  await ok('the tests see a field without a label, a pale text, a wide table', async () => {
    await page.goto(places.desk + '/login');
    assert.equal(await look('<h1>Well</h1>'), 'nothing');
    assert.match(await look('<h1>x</h1><input>'), /label/);
    assert.match(await look('<h1>x</h1><p class="quiet"></p><div class="small"><del class="good">x</del></div><button disabled="">x</button><p><a href="/">'
      + 'x</a></p><table style="x"><caption>c</caption><tr><td><pre class="wide">' + 'x'.repeat(20) + '</pre></td></tr></table><img src="/favicon.svg">'), /image-alt/);
    assert.match(await look('<h1>x</h1><table><tbody><tr>' + '<td class="whole">wwwwwwwwwwwwwww</td>'.repeat(12) + '</tr></tbody></table>'), /wider than 320/);
  });
  await ok('... a request that leaves, a script that is refused', async () => {
    person.strange.length = 0;
    await page.evaluate(() => { document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.invalid/x.png' })); });
    await page.evaluate(() => { document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' })); });
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => window.ran), undefined);
    assert.throws(() => person.wasQuiet());
    const strange = person.strange.join('\n');
    assert.match(strange, /img-src/);
    assert.match(strange, /script-src/);
  });
  await person.leave();
}
