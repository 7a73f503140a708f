// Comfort only: everything works without this. Keys are off inside inputs, and can be
// switched off altogether.
"use strict";

(() => {
  const STORE = "shopdesk.keys";
  const ROWS = "[data-row], #result_list tbody tr";
  const PLACES = {
    h: ["Home", "/admin/"],
    o: ["Orders", "/orders/order/"],
    p: ["Product mapping", "/products/listingsku/"],
    s: ["Stock", "/inventory/stocklevel/"],
    a: ["Alerts", "/alerts/alert/"],
    w: ["Webhook log", "/webhooks/webhookevent/"],
  };
  let current = -1;
  let isAfterG = 0;

  for (const busy of document.querySelectorAll("[data-reload]")) {
    setTimeout(() => location.reload(), Number(busy.dataset.reload) * 1000);
  }

  const isOn = () => localStorage.getItem(STORE) !== "off";
  const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => row.offsetParent);
  const row = () => rows()[current];

  function move(step) {
    const all = rows();
    if (!all.length) return;
    all[current]?.classList.remove("is-current");
    current = Math.min(Math.max(current + step, 0), all.length - 1);
    const chosen = all[current];
    chosen.classList.add("is-current");
    chosen.tabIndex = -1;
    chosen.focus({ preventScroll: true });
    chosen.scrollIntoView({ block: "nearest" });
  }

  // The link of a place as the sidebar has it: what one may not open is not there.
  function linkTo(letter) {
    const end = PLACES[letter]?.[1];
    const links = end ? [...document.querySelectorAll("#nav-sidebar a[href]")] : [];
    if (letter === "h") return links.length ? `${links[0].pathname.split("/admin/")[0]}/` : null;
    return links.find((link) => link.pathname.endsWith(end))?.href ?? null;
  }

  function press(key) {
    const button = (row() ?? document).querySelector(`[data-key="${key}"]`);
    button?.click();
    return Boolean(button);
  }

  function open() {
    const target = row()?.querySelector("[data-open], a[href]");
    target?.click();
    return Boolean(target);
  }

  function tick() {
    const box = row()?.querySelector("input[type=checkbox]");
    box?.click();
    return Boolean(box);
  }

  function search() {
    const field = document.querySelector(
      "form[role=search] :is(input[type=search], input[type=text], textarea)",
    );
    field?.focus();
    field?.select?.();
    return Boolean(field);
  }

  const KEYS = {
    "/": search,
    "?": () => (help(), true),
    j: () => (move(1), true),
    k: () => (move(-1), true),
    x: tick,
    Enter: open,
    a: () => press("a"),
    i: () => press("i"),
    c: () => press("c"),
  };

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
      && target.type !== "checkbox";
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!isOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (isAfterG && Date.now() - isAfterG < 1500) {
      isAfterG = 0;
      const address = linkTo(event.key);
      if (address) {
        event.preventDefault();
        location.assign(address);
      }
      return;
    }
    if (event.key === "g") {
      isAfterG = Date.now();
      return;
    }
    // Enter on a link or button is that link's or button's own.
    if (event.key === "Enter" && event.target !== document.body && event.target !== row()) return;
    if (KEYS[event.key]?.()) event.preventDefault();
  });

  const dialog = document.createElement("dialog");
  dialog.className = "keys-help";

  function help() {
    const told = [["/", "Search"], ["j  k", "Next and previous row"], ["x", "Tick the row"],
      ["Enter", "Open the row"], ["Esc", "Close this"], ["?", "This list"]];
    const named = { a: "Accept", i: "Ignore", c: "Choose" };
    for (const [key, words] of Object.entries(named)) {
      if (document.querySelector(`[data-key="${key}"]`)) told.push([key, words]);
    }
    for (const [letter, [words]] of Object.entries(PLACES)) {
      if (linkTo(letter)) told.push([`g ${letter}`, words]);
    }
    dialog.replaceChildren();
    const title = document.createElement("h2");
    title.textContent = "Keys";
    const list = document.createElement("dl");
    for (const [key, words] of told) {
      const term = document.createElement("dt");
      const kbd = document.createElement("kbd");
      kbd.textContent = key;
      term.append(kbd);
      const meaning = document.createElement("dd");
      meaning.textContent = words;
      list.append(term, meaning);
    }
    const turn = document.createElement("button");
    turn.type = "button";
    turn.className = "button";
    turn.textContent = isOn() ? "Switch keys off" : "Switch keys on";
    turn.addEventListener("click", () => {
      localStorage.setItem(STORE, isOn() ? "off" : "on");
      dialog.close();
    });
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    dialog.append(title, list, turn, " ", close);
    dialog.showModal();
  }

  function offer() {
    if (!document.querySelector(ROWS)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button keys-button";
    button.textContent = "Keys (?)";
    button.addEventListener("click", help);
    document.querySelector("#content-main, #content")?.append(button);
    document.body.append(dialog);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", offer);
  else offer();
})();
