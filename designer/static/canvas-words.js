/* Completion of what is typed in the code, and help about what is pointed at. */
(() => {
  "use strict";
  const { $, url, code: shared } = window.canvas, { rows, LINE } = shared, text = $("text"), code = $("code"), help = $("help"), list = $("complete");
  let words = null, cell = 7.8;

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
    if (list.hidden) return;
    const all = [...list.children], now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { const next = (now + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length; all.forEach((option, index) => option.setAttribute("aria-selected", index === next)); }
    else if (event.key === "Tab") take(all[now]);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  const explain = async (row, column) => {
    const line = rows()[row]?.text || "", known = await load();
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
    resting = setTimeout(() => row >= 0 && row < rows().length && explain(row, column), 250);
  });
  document.addEventListener("selectionchange", () => { if (document.activeElement === text) { const { row, column } = at(); explain(row, column); } });
  shared.complete = complete;
})();
