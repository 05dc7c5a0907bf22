/* What the pages do besides, where there is script: nothing here is needed to get at anything. */
'use strict';

/* -- dropping files on the desk: each is sent by itself, and its row comes when it is judged -- */
function dropPlace(form) {
  const input = form.querySelector('input[type=file]');
  const status = form.querySelector('[data-status]');
  const bar = form.querySelector('progress');
  const table = document.querySelector('[data-results]');
  const limit = Number(form.dataset.most) || 50;
  const batch = form.elements.batch;
  let isBusy = false;

  function tell(text) { status.textContent = text; }
  function fill(text, values) { return text.replace(/\{(\w+)\}/g, (all, name) => name in values ? values[name] : all); }

  async function sendOne(file) {
    const body = new FormData();
    body.append('csrf', form.elements.csrf.value);
    body.append('batch', batch.value);
    body.append('file', file, file.name);
    const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'text/html', 'X-Bulla-Row': '1' }, credentials: 'same-origin',
      redirect: 'error' });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  function showTable() {
    const none = document.getElementById('none');
    if (none) none.remove();
    table.hidden = false;
  }

  function addRow(html) {
    const rows = new DOMParser().parseFromString('<table><tbody>' + html + '</tbody></table>', 'text/html').querySelectorAll('tr');
    const body = table.querySelector('tbody');
    showTable();
    for (const row of rows) body.prepend(document.importNode(row, true));
  }

  function addFailure(name) {
    const row = document.createElement('tr'), head = document.createElement('th'), cell = document.createElement('td');
    head.scope = 'row';
    head.textContent = name;
    cell.colSpan = 5;
    cell.textContent = form.dataset.failed;
    row.append(head, cell);
    showTable();
    table.querySelector('tbody').prepend(row);
  }

  async function sendAll(list) {
    const files = Array.from(list);
    if (isBusy || files.length === 0) return;
    if (files.length > limit) { tell(fill(form.dataset.tooMany, { n: limit })); return; }
    isBusy = true;
    bar.hidden = false;
    bar.max = files.length;
    let failed = 0;
    for (let i = 0; i < files.length; i++) {
      bar.value = i;
      tell(fill(form.dataset.doing, { i: i + 1, n: files.length, name: files[i].name }));
      try {
        addRow(await sendOne(files[i]));
      } catch (error) {
        failed++;
        addFailure(files[i].name);
      }
    }
    bar.hidden = true;
    isBusy = false;
    input.value = '';
    tell(fill(failed ? form.dataset.someFailed : form.dataset.done, { n: files.length, failed }));
  }

  form.addEventListener('submit', event => { event.preventDefault(); sendAll(input.files); });
  for (const name of ['dragenter', 'dragover'])
    form.addEventListener(name, event => { event.preventDefault(); form.classList.add('over'); });
  for (const name of ['dragleave', 'drop'])
    form.addEventListener(name, event => { event.preventDefault(); form.classList.remove('over'); });
  form.addEventListener('drop', event => sendAll(event.dataTransfer.files));
}

/* -- a form is sent once -- */
function onceOnly(form) {
  form.addEventListener('submit', () => {
    setTimeout(() => { for (const button of form.querySelectorAll('button')) button.disabled = true; }, 0);
  });
}

/* -- a page that waits for something asks again by itself -- */
function waits(element) {
  const seconds = Math.max(2, Number(element.dataset.again) || 5);
  setTimeout(() => location.reload(), seconds * 1000);
}

document.addEventListener('DOMContentLoaded', () => {
  for (const form of document.querySelectorAll('form[data-drop]')) dropPlace(form);
  for (const form of document.querySelectorAll('form[data-once]')) onceOnly(form);
  for (const element of document.querySelectorAll('[data-again]')) waits(element);
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  }
});
/* Coming back by the browser's own way: buttons work again. */
window.addEventListener('pageshow', () => { for (const button of document.querySelectorAll('form[data-once] button')) button.disabled = false; });
