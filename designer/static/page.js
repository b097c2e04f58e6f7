/* What every page does by itself: times in the reader's zone, dialogs, proof of origin for htmx, live states. */
(() => {
  "use strict";
  const lang = document.documentElement.lang;
  let ago, day, full;  // made for the first time that is told: they read tables, and many pages tell none
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const STATES = { done: "circle-check", running: "activity", waiting: "hourglass", failed: "circle-x", retrying: "rotate-ccw", paused: "circle-pause", in_doubt: "triangle-alert", cancelled: "ban" };

  const tell = (time) => {
    const at = new Date(time.dateTime), seconds = (at - Date.now()) / 1000, size = Math.abs(seconds);
    if (Number.isNaN(seconds)) return;
    ago ??= new Intl.RelativeTimeFormat(lang, { numeric: "auto", style: "short" });
    day ??= new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
    full ??= new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "long" });
    const [unit, length] = UNITS.find(([, length]) => size >= length) ?? UNITS[3];
    time.textContent = size > 6 * 86400 ? day.format(at) : ago.format(Math.round(seconds / length), unit);
    time.title = full.format(at);
  };
  const times = (root) => root.querySelectorAll?.("time[datetime]").forEach(tell);
  const ready = (root) => {
    times(root);
    root.querySelectorAll?.("dialog[data-shown]:not([open])").forEach((dialog) => dialog.showModal());
  };
  /* A drawing in a frame of its own stands where something happens. */
  const follow = () => {
    for (const frame of document.querySelectorAll("[data-follows]")) {
      const at = ["failed", "waiting", "running", "retrying", "in_doubt", "paused", "removed", "added"].map((state) => [...frame.querySelectorAll(`[data-state=${state}]`)].pop()).find(Boolean);
      const card = at?.getBoundingClientRect(), box = frame.getBoundingClientRect();
      frame.scrollLeft += card ? card.left + card.width / 2 - box.left - box.width / 2 : (frame.scrollWidth - frame.clientWidth) / 2;
      if (card) frame.scrollTop += card.top + card.height / 2 - box.top - box.height / 2;
    }
  };
  const say = (words) => {
    const box = document.getElementById("said");
    if (!box || !words) return;
    box.textContent = "";
    requestAnimationFrame(() => (box.textContent = words));
  };

  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request, token = document.querySelector('meta[name="csrf"]');
    if (token && request.method !== "GET") request.headers["X-CSRF-Token"] = token.content;
  });
  document.addEventListener("htmx:after:swap", () => ready(document));
  document.addEventListener("htmx:error", () => {
    const box = document.getElementById("told"), words = document.body.dataset.unreachable;
    if (!box || !words || box.querySelector("[data-net]")) return;
    const told = Object.assign(document.createElement("div"), { className: "bad", textContent: words });
    told.dataset.net = "";
    box.append(told);
    setTimeout(() => told.remove(), 6000);
  });

  document.addEventListener("click", (event) => {
    const at = event.target.closest?.("[data-opens],[data-close],[data-copy],[data-line-of]");
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
    if (!at) return;
    const card = at.dataset.lineOf && document.querySelector(`[data-follows] [data-line="${at.dataset.lineOf}"]`);
    if (card) (card.tabIndex = -1), card.focus(), card.scrollIntoView({ block: "nearest" }), event.preventDefault();
    else if (at.dataset.lineOf) return;
    else if (at.dataset.opens) document.getElementById(at.dataset.opens)?.showModal();
    else if (at.dataset.copy) navigator.clipboard?.writeText(at.dataset.copy).then(() => say(at.dataset.said));
    else (at.closest("dialog")?.close(), at.closest(".told > *")?.remove());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]");
    if (menu) (menu.open = false), menu.querySelector("summary").focus();
  });

  /* {"lines": [[line, state, words], ...]}: one write a card. The words are for who does not see the sign. */
  const nodes = (event) => {
    const { lines, whole } = JSON.parse(event.detail.data), known = new Set(lines.map(([line]) => String(line)));
    if (whole)
      for (const card of event.target.querySelectorAll('[data-line][data-state]:not([data-state=""])'))
        if (!known.has(card.dataset.line)) lines.push([card.dataset.line, "", ""]);
    for (const [line, state, words] of lines)
      for (const card of event.target.querySelectorAll(`[data-line="${line}"]`)) {
        card.dataset.state = state;
        const sign = card.querySelector(".sign use"), told = card.querySelector(".state-words");
        if (sign?.closest("[data-line]") === card)
          sign.setAttribute("href", sign.getAttribute("href").replace(/#.*/, "#" + (STATES[state] ?? "circle")));
        if (told?.closest("[data-line]") === card) told.textContent = words;
      }
    if (lines.length && !whole) say(lines.map(([line, , words]) => `${line}: ${words}`).slice(-3).join(", "));
    if (lines.length && !whole) follow();
    if (lines.length) document.dispatchEvent(new CustomEvent("botmcp:nodes", { detail: lines }));
  };
  document.addEventListener("nodes", nodes);

  window.botmcp = { say, times };
  const begin = () => { ready(document); follow(); setInterval(() => times(document), 15000); };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", begin) : begin();
})();
