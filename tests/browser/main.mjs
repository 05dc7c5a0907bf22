// Usage: node main.mjs BUILD PLACES.json [PATTERN]   with CHROMIUM in the environment; tests/browser/run does it.
import { begin, end } from './browser.mjs';
import { deskTests } from './desk.mjs';
import { keyboardTests } from './keyboard.mjs';
import { pictureTests } from './pictures.mjs';
import { plainTests } from './plain.mjs';
import { portalTests } from './portal.mjs';
import { done } from './tap.mjs';
import { watchTests } from './watch.mjs';

const suites = { watch: watchTests, portal: portalTests, pictures: pictureTests, desk: deskTests, keyboard: keyboardTests, plain: plainTests };
const wanted = new RegExp(process.argv[4] ?? '');
await begin();
try {
  for (const [name, suite] of Object.entries(suites)) if (wanted.test(name)) await suite();
} finally {
  await end();
}
process.exitCode = done();
