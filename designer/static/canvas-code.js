/* The code beside the drawing: typing is sent as the lines that changed; what comes back is merged into what is typed. */
(() => {
  "use strict";
  const api = window.canvas;
  if (!api) return;
  const { $, url, send, heard, stand } = api, text = $("text"), code = $("code"), help = $("help"), list = $("complete"), PAUSE = 300, LINE = 20;
  let base = [], timer = 0, words = null, cell = 7.8;

  const lines = () => [...code.querySelectorAll(".l:not(.top)")].map((line) => ({ id: +line.id.slice(1), text: line.textContent.replace(/\n$/, "") }));
  const joined = (rows) => rows.map((row) => row.text).join("\n");
  const dirty = () => text.value !== joined(base);
  /* The lines that differ: base[from, to) became typed[from, end). */
  const changed = (value) => {
    const typed = value.split("\n"), old = base.length ? base.map((row) => row.text) : [""];
    let from = 0, tail = 0;
    while (from < Math.min(old.length, typed.length) && old[from] === typed[from]) from++;
    while (tail < Math.min(old.length, typed.length) - from && old[old.length - 1 - tail] === typed[typed.length - 1 - tail]) tail++;
    return { from, to: old.length - tail, lines: typed.slice(from, typed.length - tail) };
  };
  const flush = () => {
    clearTimeout(timer);
    timer = 0;
    if (!api.writes || !dirty()) return;
    const { from, to, lines: typed } = changed(text.value), gone = base.slice(from, to), sent = text.value, etag = base.etag;
    const body = typed.length ? typed.join("\n") + "\n" : "";
    const gesture = gone.length ? { op: "code", first: gone[0].id, last: gone[gone.length - 1].id, text: body } : { op: "code", after: from ? base[from - 1].id : 0, text: body };
    api.asked("POST", "/edits", () => ({ gesture: JSON.stringify(gesture) })).then(() => text.value === sent && sync(true));
  };
  const sync = (force) => {
    const now = lines(), value = joined(now);
    if (!force && timer && dirty()) {
      const { from, to, lines: typed } = changed(text.value), first = base[from]?.id, last = base[to - 1]?.id, above = base[from - 1]?.id;
      let a = now.findIndex((row) => row.id === (to > from ? first : above)), b = now.findIndex((row) => row.id === last);
      if (to <= from) (a += 1), (b = a - 1);
      if (a >= 0 && b >= a - 1) {
        const merged = [...now.slice(0, a).map((row) => row.text), ...typed, ...now.slice(b + 1).map((row) => row.text)].join("\n");
        base = now;
        put(merged);
        return;
      }
    }
    base = now;
    put(value);
  };
  const put = (value) => {
    if (text.value === value) return;
    let { selectionStart: at, selectionEnd: to } = text, head = 0;
    const old = text.value;
    while (head < Math.min(old.length, value.length) && old[head] === value[head]) head++;
    if (at > head) { const moved = value.length - old.length; at = Math.max(head, at + moved); to = Math.max(at, to + moved); }
    text.value = value;
    if (document.activeElement === text) text.setSelectionRange(at, to);
  };
  let seen = "";
  heard.push(() => { const now = stand().seq; if (now !== seen) (seen = now), sync(); });
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(flush, PAUSE); complete(); });
  text.addEventListener("blur", () => { flush(); setTimeout(() => (list.hidden = true), 150); });

  /* -- words: completion and help */
  const load = async () => {
    if (words) return words;
    words = await fetch(url + "/words").then((found) => found.json());
    words.all = words.keywords.map(([name, form, about, example]) => ({ name, form, about, example }));
    return words;
  };
  const at = () => { const before = text.value.slice(0, text.selectionStart), row = before.split("\n"); return { row: row.length - 1, column: row[row.length - 1].length, line: row[row.length - 1] }; };
  const measure = () => { const probe = document.createElement("span"); probe.textContent = "0".repeat(50); code.append(probe); cell = probe.getBoundingClientRect().width / 50 || cell; probe.remove(); };
  const hide = () => (list.hidden = true);
  const complete = async () => {
    const { line, row, column } = at(), inText = (line.match(/"/g) || []).length % 2;
    const begun = inText ? line.slice(line.lastIndexOf('"') + 1) : (line.match(/[\w ]*$/)[0].trimStart().match(/(?:[A-Za-z_]+ ?){1,4}$/) || [""])[0].trimStart();
    if (begun.length < 2 && !inText) return hide();
    const known = await load();
    let found;
    if (inText) {
      const of = /\b(BOT|BOTS|FROM|WITH)\s*"[^"]*$/i.test(line) ? known.bots : /EVENTS?\s*"[^"]*$/i.test(line) ? known.events : /MODEL\s*"[^"]*$/i.test(line) ? known.models : [];
      found = of.filter((name) => name.toLowerCase().includes(begun.toLowerCase()) && name !== begun).map((name) => ({ name, about: "" }));
    } else {
      const upper = begun.toUpperCase(), names = [...new Set(text.value.match(/\b[A-Za-z_]\w{2,}(?=\s*=[^=])/g) || [])];
      found = [...known.all.filter((word) => word.name.startsWith(upper) && word.name !== upper), ...names.filter((name) => name.toLowerCase().startsWith(begun.toLowerCase()) && name !== begun).map((name) => ({ name, about: "" }))];
    }
    list.replaceChildren(...found.slice(0, 8).map((word, index) => {
      const option = document.createElement("li"), name = document.createElement("b"), about = document.createElement("small");
      name.textContent = word.name; about.textContent = word.about || "";
      option.append(name, " ", about);
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", index === 0);
      option.dataset.insert = word.name; option.dataset.cut = begun.length;
      return option;
    }));
    measure();
    list.style.left = `calc(3.1rem + ${(column - begun.length) * cell}px)`;
    list.style.top = `calc(.5rem + ${(row + 1) * LINE}px)`;
    list.hidden = !found.length;
  };
  const take = (option) => {
    const end = text.selectionStart;
    text.setRangeText(option.dataset.insert, end - option.dataset.cut, end, "end");
    hide();
    text.dispatchEvent(new Event("input"));
    setTimeout(hide);
  };
  list.addEventListener("pointerdown", (event) => { const option = event.target.closest("li"); if (option) event.preventDefault(), take(option); });
  text.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") flush();
    if (list.hidden) { if (event.key === "Escape") text.blur(); return; }
    const all = [...list.children], now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { const next = (now + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length; all.forEach((option, index) => option.setAttribute("aria-selected", index === next)); }
    else if (event.key === "Tab") take(all[now]);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const explain = async (row, column) => {
    const line = base[row]?.text || "", known = await load();
    let best = null;
    for (const word of known.all) {
      const pattern = new RegExp("\\b" + word.name.replace(/[^\w ]/g, "\\$&").replace(/ /g, "[ _]+") + "\\b", "gi");
      for (const found of line.matchAll(pattern)) if (found.index <= column && column <= found.index + found[0].length && (!best || word.name.length > best.name.length)) best = word;
    }
    const told = code.children[row + 1]?.title;
    help.hidden = !best && !told;
    help.textContent = told || (best ? `${best.form} — ${best.about} ${best.example ? "· " + best.example : ""}` : "");
  };
  let resting = 0;
  text.addEventListener("pointermove", (event) => {
    clearTimeout(resting);
    const box = code.getBoundingClientRect(), style = getComputedStyle(code);
    const row = Math.floor((event.clientY - box.top - parseFloat(style.paddingTop)) / LINE), column = (event.clientX - box.left - parseFloat(style.paddingLeft)) / cell;
    resting = setTimeout(() => row >= 0 && row < base.length && explain(row, column), 250);
  });
  document.addEventListener("selectionchange", () => { if (document.activeElement === text) { const { row, column } = at(); explain(row, column); } });
  text.addEventListener("click", () => { const { row } = at(), line = base[row]; if (line) place(line.id); });
  /* The card of a line: of the lines above, the nearest that heads one. */
  const place = (id) => {
    for (let line = $("l" + id); line; line = line.previousElementSibling) {
      const face = $("f" + line.id.slice(1)) || $("h" + line.id.slice(1));
      if (face) { api.faces().includes(face) && (api.choose(face), face.scrollIntoView({ block: "nearest" })); return; }
    }
  };
  sync(true);
  seen = stand().seq;
})();
