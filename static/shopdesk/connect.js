// Comfort only: every page of the connection works without this.
"use strict";

const FAST = 2000;
const SLOW = 10000;
const FAST_FOR = 60000;

for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  // Once per visit: the Back button must not send it off again.
  const [entry] = performance.getEntriesByType("navigation");
  if (!entry || entry.type !== "back_forward") form.submit();
}

for (const busy of document.querySelectorAll("[data-reload]")) {
  setTimeout(() => location.reload(), Number(busy.dataset.reload) * 1000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = "Copied";
  });
}

const started = Date.now();

async function follow(panel) {
  let over = false;
  try {
    const answer = await fetch(panel.dataset.status, {
      credentials: "same-origin",
      redirect: "error",
    });
    if (answer.status === 403 || answer.status === 404) return;
    if (answer.ok) {
      const status = await answer.json();
      // One that has stopped can be resumed while the others go on.
      over = status.is_over || hasStopped(panel, status.steps);
      show(panel, status.steps);
    }
  } catch {
    // No connection, or signed out: the Refresh link remains.
  }
  if (over) {
    location.reload();
    return;
  }
  setTimeout(() => follow(panel), Date.now() - started < FAST_FOR ? FAST : SLOW);
}

const rowsOf = (panel) => [...panel.querySelectorAll(".pull-steps li")];

function hasStopped(panel, steps) {
  return rowsOf(panel).some((row, index) => {
    const step = steps[index];
    const shown = row.querySelector("[data-badge]").textContent;
    return step?.state === "stopped" && step.badge !== shown;
  });
}

function show(panel, steps) {
  rowsOf(panel).forEach((row, index) => {
    const step = steps[index];
    if (!step) return;
    row.querySelector("[data-badge]").textContent = step.badge;
    row.querySelector("[data-words]").textContent = step.words;
    const bar = row.querySelector("[data-bar]");
    if (bar && step.total) {
      bar.max = step.total;
      bar.value = step.done;
    }
  });
}

for (const panel of document.querySelectorAll("[data-status]")) {
  setTimeout(() => follow(panel), FAST);
}
