/* The code beside the drawing: typing is sent as the lines that changed; what comes back is merged into what is typed. */
(() => {
  "use strict";
  const api = window.canvas;
  if (!api) return;
  const { $, ed, heard, stand } = api, text = $("text"), code = $("code"), list = $("complete"), PAUSE = 300, LINE = 20, MOST = 500;  // changed lines that are told apart
  let base = { rows: [], etag: "" }, wanted = null, filling = 0, timer = 0, queued = false, sending = null;

  const lines = () => [...code.querySelectorAll(".l:not(.top)")].map((line) => ({ id: +line.id.slice(1), text: line.textContent.replace(/\n$/, "") }));
  const joined = (rows) => rows.map((row) => row.text).join("\n");
  /* What was typed, place by place: rows[from, to) became these lines. */
  const hunks = (rows, value) => {
    const old = rows.map((row) => row.text), typed = value || rows.length ? value.split("\n") : [], found = [];
    let head = 0, tail = 0;
    while (head < Math.min(old.length, typed.length) && old[head] === typed[head]) head++;
    while (tail < Math.min(old.length, typed.length) - head && old[old.length - 1 - tail] === typed[typed.length - 1 - tail]) tail++;
    const gone = old.slice(head, old.length - tail), come = typed.slice(head, typed.length - tail), n = gone.length, m = come.length;
    if (!n && !m) return found;
    /* Myers, "An O(ND) Difference Algorithm" (1986): far[k] is how far down diagonal k so many changes lead. */
    const far = { 1: 0 }, trail = [], steps = [], down = (far, k, d) => k === -d || (k < d && far[k - 1] < far[k + 1]);
    for (let d = 0, over = false; !over; d++) {
      if (d > MOST) return [{ from: head, to: head + n, typed: come }];
      trail.push({ ...far });
      for (let k = -d; k <= d; k += 2) {
        let x = down(far, k, d) ? far[k + 1] : far[k - 1] + 1;
        while (x < n && x - k < m && gone[x] === come[x - k]) x++;
        far[k] = x;
        over ||= k === n - m && x >= n;
      }
    }
    for (let x = n, y = m, d = trail.length; --d; ) {
      const adds = down(trail[d], x - y, d), k = x - y + (adds ? 1 : -1);
      x = trail[d][k]; y = x - k;
      steps.unshift([x, y, adds]);
    }
    let open = null, next = 0;
    for (const [x, y, adds] of steps) {
      if (open?.to !== head + x || next !== y) found.push((open = { from: head + x, to: head + x, typed: [] }));
      adds ? open.typed.push(come[y]) : open.to++;
      next = y + adds;
    }
    return found;
  };
  const flush = () => {
    clearTimeout(timer);
    timer = 0;
    if (!api.writes || queued || sending || value() === joined(base.rows)) return;
    queued = true;
    api.asked("POST", "/edits", () => {
      const { rows, etag } = base, [first] = hunks(rows, value());
      queued = false;
      if (!first) return null;
      const { from, to, typed } = first;
      sending = [...rows.slice(0, from), ...typed.map((text) => ({ text })), ...rows.slice(to)];
      return { etag, gesture: JSON.stringify({ op: "code", text: typed.length ? typed.join("\n") + "\n" : "", ...(to > from ? { first: rows[from].id, last: rows[to - 1].id } : { after: from ? rows[from - 1].id : 0 }) }) };
    }).then((status) => {
      const sent = sending, was = base, again = () => value() !== joined(base.rows) && (timer ||= setTimeout(flush, PAUSE));
      sending = null;
      if (sent && status < 300) merge(sent), again();
      else if (sent) api.since(Infinity).then(() => base !== was && again());
    });
  };
  /* What is typed here goes on from what stands there now. Of lines that others have changed too, both are kept. */
  const merge = (rows) => {
    const now = lines(), at = new Map(now.map((row, place) => [row.id, place])), found = [];
    const place = (row, step) => {
      for (let n = row, far = 0; n >= 0 && n < rows.length; n += step) if (at.has(rows[n].id)) return at.get(rows[n].id) - step * far; else if (!rows[n].id) far++;
      return step > 0 ? now.length : -1;
    };
    let done = 0, both = false;
    for (const { from, to, typed } of hunks(rows, value())) {
      const start = Math.max(done, place(from - 1, -1) + 1), end = Math.max(start, place(to, 1)), stands = joined(now.slice(start, end)), same = stands === joined(rows.slice(from, to));
      found.push(...now.slice(done, same ? start : end).map((row) => row.text));
      if (same || stands !== typed.join("\n")) found.push(...typed);
      both ||= !same && from < to && typed.length > 0;
      done = end;
    }
    put([...found, ...now.slice(done).map((row) => row.text)].join("\n"));
    base = { rows: now, etag: stand().etag };
    if (both) api.told(ed.dataset.both);
  };
  const sync = () => { if (!sending) merge(base.rows); };
  api.saved = () => (flush(), value() === joined(base.rows));
  /* A text area lays all its lines out anew: while nobody is in it, that waits until the drawing is shown, as the code does. */
  const value = () => wanted ?? text.value;
  const put = (value) => { wanted = value; document.activeElement === text ? fill() : (filling ||= api.idle(fill)); };
  const fill = (api.fill = () => {
    const value = wanted, old = text.value;
    wanted = null; filling = 0;
    code.className = "shown";
    if (value === null || value === old) return;
    let { selectionStart: at, selectionEnd: to } = text, head = 0;
    while (head < Math.min(old.length, value.length) && old[head] === value[head]) head++;
    if (at > head) { const moved = value.length - old.length; at = Math.max(head, at + moved); to = Math.max(at, to + moved); }
    text.value = value;
    if (document.activeElement === text) text.setSelectionRange(at, to);
  });
  for (const name of ["focus", "pointerdown", "pointerenter"]) text.addEventListener(name, fill);
  let seen = "";
  heard.push(() => { const now = stand().seq; if (now !== seen) (seen = now), sync(); });
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(flush, PAUSE); api.code.complete?.(); });
  text.addEventListener("blur", () => { flush(); setTimeout(() => (list.hidden = true), 150); });

  /* Completion and help come once somebody is at the code. */
  api.code = { rows: () => base.rows, LINE };
  for (const name of ["focus", "pointerenter"]) text.addEventListener(name, () => import(ed.dataset.words), { once: true });
  text.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") flush();
    if (event.key === "Escape" && list.hidden) text.blur();
  });
  text.addEventListener("click", () => { const row = text.value.slice(0, text.selectionStart).split("\n").length - 1, line = base.rows[row]; if (line) place(line.id); });
  /* The card of a line: of the lines above, the nearest that heads one. */
  const place = (id) => {
    for (let line = $("l" + id); line; line = line.previousElementSibling) {
      const face = $("f" + line.id.slice(1)) || $("h" + line.id.slice(1));
      if (face) { api.faces().includes(face) && (api.choose(face), face.scrollIntoView({ block: "nearest" })); return; }
    }
  };
  base = { rows: lines(), etag: stand().etag };
  put(joined(base.rows));
  seen = stand().seq;
})();
