// Comfort only: the dashboard's Refresh link shows the same.
"use strict";

const FAST = 2000;
const SLOW = 10000;
const FAST_FOR = 60000;
const opened = Date.now();

async function follow(board) {
  try {
    const answer = await fetch(board.dataset.syncStatus, {
      credentials: "same-origin",
      redirect: "error",
    });
    if (answer.status === 403 || answer.status === 404) return;
    if (answer.ok) show(board, await answer.json());
  } catch {
    // No connection, or signed out: the Refresh link remains.
  }
  setTimeout(() => follow(board), Date.now() - opened < FAST_FOR ? FAST : SLOW);
}

function show(board, status) {
  board.querySelector("[data-sync-at]").textContent = status.at;
  showRuns(board, status.running);
  for (const told of status.cells) {
    const cell = board.querySelector(`[data-cell="${told.key}"]`);
    if (cell) showCell(cell, told);
  }
}

function showRuns(board, runs) {
  const list = board.querySelector("[data-running]");
  const there = new Map([...list.children].map((row) => [row.dataset.run, row]));
  for (const run of runs) {
    const key = String(run.id);
    let row = there.get(key);
    there.delete(key);
    if (!row) {
      const template = board.querySelector("[data-running-row]");
      row = template.content.firstElementChild.cloneNode(true);
      row.dataset.run = key;
      list.append(row);
    }
    showRun(row, run);
  }
  for (const row of there.values()) {
    // Whoever is about to press its button is not to lose their place.
    if (!row.contains(document.activeElement)) row.remove();
  }
  board.querySelector("[data-idle]").hidden = list.children.length > 0;
}

function showRun(row, run) {
  const title = row.querySelector("[data-title]");
  title.textContent = run.title;
  title.href = run.href;
  setBadge(row.querySelector("[data-badge]"), run);
  row.querySelector("[data-trigger]").textContent = run.trigger;
  row.querySelector("[data-words]").textContent = run.words;
  const bar = row.querySelector("[data-bar]");
  if (run.total) {
    bar.max = run.total;
    bar.value = run.done;
  }
  const stop = row.querySelector("[data-stop]");
  stop.hidden = !run.stop;
  if (run.stop) stop.action = run.stop;
}

function showCell(cell, told) {
  const badge = cell.querySelector("[data-badge]");
  setBadge(badge, told);
  badge.title = told.why;
  const age = cell.querySelector("[data-age]");
  age.textContent = told.age;
  age.title = told.exact;
  if (told.at) age.dateTime = told.at;
  cell.querySelector("[data-next]").textContent = told.next;
  cell.querySelector("[data-since]").textContent = told.since;
  const start = cell.querySelector("[data-start]");
  if (start) start.hidden = !told.may_start;
}

function setBadge(badge, told) {
  badge.textContent = told.badge;
  badge.className = `badge badge-${told.kind}`;
}

for (const board of document.querySelectorAll("[data-sync-status]")) {
  setTimeout(() => follow(board), FAST);
}
