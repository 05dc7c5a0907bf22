// TAP for the browser tests: cases one after the other, each told as it ends; a failed one leaves a picture.
let passed = 0, failed = 0;

export async function ok(name, check, shot) {
  const number = passed + failed + 1;
  try {
    await check();
    passed++;
    console.log(`ok ${number} - ${name}`);
    return true;
  } catch (error) {
    failed++;
    console.log(`not ok ${number} - ${name}`);
    for (const line of String(error.stack ?? error).split('\n').slice(0, 25)) console.log('# ' + line.slice(0, 600));
    if (shot) await shot(number).catch(() => {});
    return false;
  }
}

export function done() {
  console.log(`1..${passed + failed}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
