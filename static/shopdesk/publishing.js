// Comfort only: the pages of drafts and runs work without this.
"use strict";

for (const field of document.querySelectorAll("[data-count]")) {
  const shown = document.getElementById(field.dataset.count);
  field.addEventListener("input", () => {
    // Characters as the server counts them, not halves of pairs.
    shown.textContent = [...field.value.trim()].length;
  });
}

const FAST = 1500;
const SLOW = 10000;
const FAST_FOR = 120000;
const begun = Date.now();

async function follow(panel) {
  try {
    const answer = await fetch(panel.dataset.runStatus, {
      credentials: "same-origin",
      redirect: "error",
    });
    if (answer.status === 403 || answer.status === 404) return;
    if (answer.ok) {
      const status = await answer.json();
      panel.querySelector("[data-run-words]").textContent = status.words;
      const bar = panel.querySelector("[data-run-bar]");
      bar.max = status.total || 1;
      bar.value = status.done;
      if (status.is_over) {
        location.reload();
        return;
      }
    }
  } catch {
    // No connection, or signed out: the Refresh link remains.
  }
  setTimeout(() => follow(panel), Date.now() - begun < FAST_FOR ? FAST : SLOW);
}

for (const panel of document.querySelectorAll("[data-run-status]")) {
  setTimeout(() => follow(panel), FAST);
}
