/* The editor: gestures go to the server one after the other; what differs comes back. Moving about happens here. */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id), ed = $("editor");
  if (!ed) return;
  const url = ed.dataset.url, writes = "write" in ed.dataset, canvas = $("canvas"), flow = $("flow"), menu = $("menu");
  const say = (words) => window.botmcp?.say(words), stand = () => $("stand").dataset, heard = [];
  const idle = (work) => (window.requestIdleCallback ? requestIdleCallback(work, { timeout: 400 }) : setTimeout(work, 50));
  const shut = new Set(JSON.parse(sessionStorage.getItem(url) || "[]"));
  let queue = Promise.resolve(), here = "", place = null, emptied = "", handy = false, typed = "", typedAt = 0, shown = stand().seq;

  /* -- talking to the server: a gesture is sent until it is answered, and made once, for the server knows its key */
  let unsent = 0, away = false;
  const later = (work) => (unsent++, queue = queue.catch(() => {}).then(work).finally(() => unsent--));
  const asked = (verb, path, values) => later(async () => {
    const mine = values(), key = Date.now().toString(36) + Math.random().toString(36).slice(2);
    let status = 0;
    const hear = ({ detail: { ctx } }) => { if (ctx.request.action.startsWith(url + path)) status = ctx.response.status; };
    document.addEventListener("htmx:after:request", hear);
    for (let turn = 0; mine; turn++) {
      const { seq, etag } = stand();
      await htmx.ajax(verb, url + path, { source: "#map", target: "#told", swap: "none", values: { seq, card: document.querySelector("#form .of")?.dataset.card || "", ...(verb === "POST" ? { etag, key, ...(turn ? { again: 1 } : {}) } : {}), ...mine } });
      if (status && status !== 429 && status < 502 && (status !== 500 || turn > 3)) break;
      status = 0; away = true;
      await new Promise((done) => { setTimeout(done, Math.min(300 << turn, 5000)); addEventListener("online", done, { once: true }); });
    }
    document.removeEventListener("htmx:after:request", hear);
    away = false;
    return status;
  });
  const send = (gesture) => writes ? asked("POST", "/edits", () => ({ gesture: JSON.stringify(gesture) })) : queue;
  const since = (seq) => asked("GET", "/since", () => +stand().seq < seq && {});
  addEventListener("beforeunload", (event) => { if (away) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && unsent && !away && !event.ctrlKey && !event.metaKey) event.preventDefault(), queue.then(() => location.assign(link.href));
  });
  const form = (face, begin) => htmx.ajax("GET", url + "/form?card=" + name(face) + (begin ? "&begin=1" : ""), { source: "#form", target: "#form", swap: "innerHTML" });
  const told = (words) => { const box = document.createElement("div"); box.className = "bad"; box.textContent = words; $("told").replaceChildren(box); say(words); setTimeout(() => box.remove(), 20000); };
  const api = (window.canvas = { told, idle, $, ed, url, writes, send, asked, stand, heard, since, faces, step, choose, ghost, gapOf, rest, here: () => $(here), name: (face) => name(face), queue: () => queue.then(() => api.fill()), unsent: () => unsent });

  const settle = () => {
    document.querySelectorAll(".ghost").forEach((ghost) => ghost.remove());
    for (const id of shut) $("n" + id)?.classList.add("shut");
    const now = stand();
    if (now.seq !== shown || now.op === "rename") {
      shown = now.seq;
      say(now.said);
      if ($("name") !== document.activeElement) $("name").value = now.name;
      if (now.focus !== "0" && now.op !== "set" && now.op !== "code" && now.op !== "since") {
        const found = $("f" + now.focus), face = (now.op === "delete" ? $(emptied)?.querySelector(EMPTY) : /^(insert|branch)$/.test(now.op) && room(found)) || found;
        if (face) select(face), face.scrollIntoView({ block: "nearest", inline: "nearest" });
        if (face && !$("form").querySelector("[autofocus]")) face.focus({ preventScroll: true });
      }
    }
    select(spot() || faces()[0], true);
    if (document.activeElement === document.body && handy) (spot() || faces()[0] || canvas).focus({ preventScroll: true });  // what they were on is gone
    heard.forEach((hear) => hear());
  };
  document.addEventListener("htmx:after:swap", () => { const at = stand(); if (at.seq + at.op + at.said !== settle.last) settle.last = at.seq + at.op + at.said, settle(); else lit(); });
  document.addEventListener("htmx:finally:request", () => document.querySelectorAll(".ghost").forEach((ghost) => ghost.remove()));

  /* -- cards */
  const EMPTY = ".begin:last-child > .plus";  // the place for the first step of a list
  function faces() { return [...flow.querySelectorAll("button.face, " + EMPTY)].filter((face) => !face.closest(".shut > .ways")); }
  const name = (face) => (face.id[0] === "h" ? "w" : "n") + face.id.slice(1);
  function step(face) { return face?.id[0] === "f" ? face.closest(".step") : null; }
  const number = (item) => +(item.id || item.firstElementChild.id).slice(1);  // a list is called by its beginning
  const next = (item, way) => { do item = item[way + "ElementSibling"]; while (item && !item.matches(".step")); return item; };
  const block = (item) => item?.matches(".block, .whole") && !item.matches(".shut");
  const spot = () => { const found = $(here); return found?.matches(".begin") ? found.firstElementChild : found; };
  /* Where the hands go once a step is filled in: to the first place in it that is empty, else to itself. */
  const room = (face) => { const item = step(face), all = item?.matches(".block") ? item.querySelectorAll(EMPTY) : []; return all[stand().op === "branch" ? all.length - 1 : 0]; };
  function rest() { return room(spot()) || spot() || canvas; }
  const select = (face, quiet) => {
    if (!face) return;
    flow.querySelectorAll('[tabindex="0"]').forEach((other) => (other.tabIndex = -1));
    if (!quiet) flow.querySelectorAll(".sel").forEach((other) => other.classList.remove("sel"));
    face.tabIndex = 0;
    if (!quiet) (here = face.id || face.parentElement.id), face.classList.add("sel");
  };
  function choose(face, focus, begin) { if (!face) return; select(face); if (focus) face.focus(), face.scrollIntoView({ block: "nearest" }); return face.id && form(face, begin); }
  const lit = () => {
    const of = document.querySelector("#form .of");
    document.querySelectorAll(".l.on").forEach((line) => line.classList.remove("on"));
    let line = of && $("l" + of.dataset.first);
    const last = of && $("l" + of.dataset.last);
    if (line && document.activeElement !== $("text")) { const box = $("scroll"), top = line.offsetTop; if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = top - 60; }
    for (; line; line = line.nextElementSibling) if ((line.classList.add("on"), line === last)) break;
  };
  heard.push(lit);

  /* Where a step goes that is added with a card in hand: behind it, and into the workflow itself at its end. */
  const below = (item) => {
    const list = item.matches(".whole") && item.querySelector(".flow"), last = list && list.lastElementChild;
    return last ? (last.matches(".step") ? { after: number(last) } : { first: number(list) }) : { after: number(item) };
  };
  /* Where a card goes that is moved by one place. */
  const gap = (item, down) => {
    const list = item.parentElement, way = list.closest(".way"), beside = next(item, down ? "next" : "previous");
    if (beside && block(beside)) {
      const ways = beside.querySelectorAll(":scope > .ways > .way > .flow"), into = ways[down ? 0 : ways.length - 1];
      const steps = into.querySelectorAll(":scope > .step");
      return down || !steps.length ? { first: number(into) } : { after: number(steps[steps.length - 1]) };
    }
    const before = (one) => { const up = next(one, "previous"); return up ? { after: number(up) } : { first: number(one.parentElement) }; };
    if (beside) return down ? { after: number(beside) } : before(beside);
    const other = way?.[down ? "nextElementSibling" : "previousElementSibling"]?.querySelector(":scope > .flow");
    if (other) { const steps = other.querySelectorAll(":scope > .step"), last = steps[steps.length - 1]; return down || !last ? { first: number(other) } : { after: number(last) }; }
    const owner = way?.closest(".step");
    if (!owner || owner.matches(".whole")) return null;
    return down ? { after: number(owner) } : before(owner);
  };
  function ghost(at, words) {
    const item = document.createElement("li");
    item.className = "ghost"; item.textContent = words;
    ("after" in at ? $("n" + at.after) : $("s" + at.first))?.after(item);
  }
  const move = (item, down) => { const at = item && gap(item, down); at ? send({ op: "move", node: number(item), at }) : say(ed.dataset.no); };
  const fold = (item, close) => {
    item.classList.toggle("shut", close);
    close ? shut.add(item.id.slice(1)) : shut.delete(item.id.slice(1));
    sessionStorage.setItem(url, JSON.stringify([...shut]));
    say(close ? ed.dataset.folded : ed.dataset.open);
    heard.forEach((hear) => hear());
  };
  const source = (item) => {
    const of = document.querySelector("#form .of");
    if (!of || of.dataset.card !== "n" + number(item)) return "";
    let line = $("l" + of.dataset.first), text = "";
    for (; line; line = line.nextElementSibling) { text += line.textContent; if (line.id === "l" + of.dataset.last) break; }
    return text;
  };

  /* -- the menu of steps */
  const options = () => [...$("menu-list").children].filter((option) => !option.hidden);
  const mark = (option) => {
    options().forEach((other) => other.setAttribute("aria-selected", other === option));
    option?.scrollIntoView({ block: "nearest" });
    $("menu-find").setAttribute("aria-activedescendant", option?.id || "");
  };
  const opened = (at, by) => {
    if (!writes) return;
    place = at;
    menu.hidden = false;
    const box = by.getBoundingClientRect(), size = menu.getBoundingClientRect();
    menu.style.left = Math.max(8, Math.min(box.left + box.width / 2 - size.width / 2, innerWidth - size.width - 8)) + "px";
    menu.style.top = Math.max(8, Math.min(box.bottom + 4, innerHeight - size.height - 8)) + "px";
    $("menu-find").value = "";
    filter();
    $("menu-find").focus();
  };
  const closed = (back) => { if (menu.hidden) return; menu.hidden = true; if (back) (spot() || faces()[0] || canvas).focus(); };
  let every = null;
  const filter = () => {
    const text = $("menu-find").value.trim().toLowerCase(), first = text.split(/\s+/)[0] || "";
    let best = null;
    for (const option of $("menu-list").children) {
      const words = option.dataset.words, whole = words.includes(text), begun = first.length > 1 && words.split(/\s+/).some((word) => word === first);
      option.hidden = !!text && !whole && !(begun && option.hasAttribute("data-slot"));
      if (!text) option.hidden = option.hasAttribute("data-rare");
      if (!option.hidden && (!best || (begun && !best.dataset.begun))) best = option;
      option.dataset.begun = begun ? "1" : "";
    }
    mark(best);
    if (!best) say(ed.dataset.none);
    if (text && !every) every = fetch(url + "/words").then((found) => found.json()).then(({ items }) => {
      for (const [id, called, hint, words] of items) {
        const option = document.createElement("li"), name = document.createElement("b"), about = document.createElement("small"), said = document.createElement("span");
        name.textContent = called; about.textContent = hint; said.append(name, " ", about);
        Object.assign(option.dataset, { item: id, words: (called + " " + words).toLowerCase(), rare: "" });
        option.id = "pick-" + id.replace(/\W/g, "-"); option.setAttribute("role", "option"); option.append(said);
        $("menu-list").append(option);
      }
      filter();
    });
  };
  const put = (option) => {
    if (!option || !place) return;
    const text = $("menu-find").value.trim(), words = option.dataset.words.split(/\s+/), parts = text.split(/\s+/);
    let rest = "";
    if ("slot" in option.dataset && parts.length > 1 && !option.dataset.words.includes(text.toLowerCase())) {
      let at = 0;
      while (at < parts.length - 1 && words.includes(parts[at].toLowerCase())) at++;
      rest = parts.slice(at).join(" ");
    }
    ghost(place, option.querySelector("b").textContent);
    closed();
    send({ op: "insert", item: option.dataset.item, at: place, ...(rest ? { value: rest } : {}) });
  };
  $("menu-find").addEventListener("input", filter);
  menu.addEventListener("keydown", (event) => {
    const all = options(), at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    else if (event.key === "Enter") put(all[at]);
    else if (event.key === "Escape" || event.key === "Tab") closed(true);
    else return;
    event.preventDefault(); event.stopPropagation();
  });

  /* -- what buttons do */
  const zoom = (change) => {
    const now = change ? Math.min(1.6, Math.max(0.4, (+flow.style.zoom || 1) + change)) : 1;
    const was = +flow.style.zoom || 1, x = (canvas.scrollLeft + canvas.clientWidth / 2) * now / was, y = (canvas.scrollTop + canvas.clientHeight / 2) * now / was;
    flow.style.zoom = now; say($("zoom").textContent = Math.round(now * 100) + " %");
    canvas.scrollTo(x - canvas.clientWidth / 2, y - canvas.clientHeight / 2); map();
  };
  const does = {
    undo: () => asked("POST", "/undo", () => ({})), redo: () => asked("POST", "/redo", () => ({})), publish: () => asked("POST", "/publish", () => ({})), save: () => asked("POST", "/package", () => ({})),
    smaller: () => zoom(-0.15), larger: () => zoom(0.15), fit: () => zoom(0),
    up: (item) => move(item, false), down: (item) => move(item, true),
    duplicate: (item) => send({ op: "duplicate", node: number(item) }), delete: (item) => { emptied = (item.isConnected ? item : $(item.id))?.parentElement.firstElementChild.id || ""; send({ op: "delete", node: number(item) }); },
    wrap: (item, button) => send({ op: "wrap", node: number(item), in: button.dataset.in }), unwrap: (item) => send({ op: "unwrap", node: number(item) }),
    unbranch: () => send({ op: "unbranch", way: +here.slice(1) }),
  };
  document.addEventListener("click", (event) => {
    const at = event.target, button = at.closest("[data-do],[data-gesture],[data-go],[data-side],[data-branch],[data-drop],.plus,.fold,.face,[role=option]");
    if (!menu.hidden && !menu.contains(at)) closed();
    if (!button) return;
    const data = button.dataset;
    if (data.do) { const item = step($(here)); if (item || !["up", "down", "duplicate", "delete", "wrap", "unwrap"].includes(data.do)) does[data.do](item, button); button.closest("details.menu")?.removeAttribute("open"); }
    else if (data.gesture) send(JSON.parse(data.gesture));
    else if (data.go) choose($(data.go), true);
    else if (data.side) side(data.side);
    else if (data.branch) send({ op: "branch", node: number(button.closest(".step")), kind: data.branch });
    else if ("drop" in data) choose($(here));
    else if (button.matches(".plus")) opened(gapOf(button), button);
    else if (button.matches(".fold")) fold(button.closest(".step"), !button.closest(".shut"));
    else if (button.matches("button.face")) { choose(button, false, true); if (innerWidth < 864 && !api.dragged) side("step"); }
    else if (menu.contains(button)) put(button);
  });
  function gapOf(plus) { const item = plus.parentElement; return item.matches(".begin") ? { first: number(item) } : { after: number(item) }; }
  const side = (name) => { ed.dataset.shows = name; document.querySelectorAll("[data-side]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.side === name)); };

  $("name").addEventListener("change", () => { const name = $("name").value; asked("POST", "/rename", () => ({ name })); });

  /* -- keys */
  const typeAhead = (key) => {
    const now = performance.now();
    typed = now - typedAt < 700 ? typed + key : key;
    typedAt = now;
    const all = faces(), at = all.findIndex((face) => face.id === here), from = typed.length > 1 ? at : at + 1;
    const order = [...all.slice(Math.max(from, 0)), ...all.slice(0, Math.max(from, 0))];
    const fits = (face, how) => [face.querySelector("b"), face.querySelector(".kind")].some((part) => part?.textContent.trim().toLowerCase()[how](typed));
    return order.find((face) => fits(face, "startsWith")) || order.find((face) => fits(face, "includes"));
  };
  const clipboard = (item, cut) => later(async () => {
    if (document.querySelector("#form .of")?.dataset.card !== "n" + number(item)) await choose($("f" + number(item)));
    const text = source(item);
    await navigator.clipboard?.writeText(text).catch(() => {});
    api.copied = text;
    say(ed.dataset.copied);
    if (cut) does.delete(item);
  });
  const paste = (item, plus) => later(async () => {
    const text = (await navigator.clipboard?.readText?.().catch(() => "")) || api.copied;
    if (text) send({ op: "insert", text, at: plus ? gapOf(plus) : item ? below(item) : { first: 0 } });
  });
  canvas.addEventListener("keydown", (event) => {
    const face = event.target.closest(".face"), plus = event.target.closest(EMPTY), item = step(face), all = faces(), at = all.indexOf(face || plus), key = event.key;
    const mod = event.ctrlKey || event.metaKey;
    let go = null;
    if (mod && "cx".includes(key)) { if (!item || String(getSelection())) return; clipboard(item, key === "x"); }
    else if (mod && key === "v") paste(item, plus);
    else if (mod && key === "d") item && does.duplicate(item);
    else if (mod) return;
    else if (event.altKey && (key === "ArrowUp" || key === "ArrowDown")) move(item, key === "ArrowDown");
    else if (event.altKey) return;
    else if (key === "ArrowDown") go = all[at + 1];
    else if (key === "ArrowUp") go = all[at - 1];
    else if (key === "Home") go = all[0];
    else if (key === "End") go = all[all.length - 1];
    else if (key === "PageDown" || key === "PageUp") { const one = item && next(item, key === "PageDown" ? "next" : "previous"); go = one && $("f" + number(one)); }
    else if (key === "ArrowRight") { if (item?.matches(".shut")) fold(item, false); else go = block(item) ? all[at + 1] : null; }
    else if (key === "ArrowLeft") { const owner = (plus || (face?.id[0] === "h" ? face : item?.parentElement))?.closest(".step"); if (block(item) && item.matches(".block")) fold(item, true); else go = owner && $("f" + number(owner)); }
    else if (key === "Enter" || key === " ") { if (!face) return; choose(face, false, true).then(() => $("form").contains(document.activeElement) || $("form").querySelector("[data-part],[data-field]")?.focus()); if (innerWidth < 864) side("step"); }
    else if (key === "+" || key === "Insert") opened(plus ? gapOf(plus) : face?.id[0] === "h" ? { first: +face.id.slice(1) } : item ? below(item) : { first: 0 }, face || plus || canvas);
    else if (key === "Delete" || key === "Backspace") item ? does.delete(item) : face && does.unbranch();
    else if (key.length === 1) { if (plus) return opened(gapOf(plus), plus); go = typeAhead(key.toLowerCase()); }
    else return;
    event.preventDefault();
    if (go) choose(go, true);
  });
  document.addEventListener("focusin", (event) => (handy = canvas.contains(event.target)));
  canvas.addEventListener("focusin", (event) => {
    const face = event.target.closest?.("button.face, " + EMPTY);
    if (face && face !== spot()) choose(face);
    if (face && !face.id) say([...heads(face), face.getAttribute("aria-label")].join(": "));
  });
  const heads = (plus) => { const words = plus.closest(".way")?.querySelector(":scope > .head .words"); return words?.offsetParent ? [words.textContent.trim()] : []; };
  /* From one part of the page to the next: the drawing, the step, what there is to mend, the code. */
  const panes = (way) => {
    const parts = [canvas, $("form"), $("problems"), $("text")].map((part) => (part === canvas ? spot() || faces()[0] : part.matches("textarea") ? part : part.querySelector("input, textarea, button"))).filter(Boolean);
    const at = parts.findIndex((one) => one.closest("#canvas, #form, #problems, #scroll").contains(document.activeElement));
    if (innerWidth < 864) side("draw");
    parts[(at + (at < 0 ? 1 : way) + parts.length) % parts.length].focus();
  };
  document.addEventListener("keydown", (event) => {
    const mod = event.ctrlKey || event.metaKey, key = event.key.toLowerCase(), field = event.target.matches("input, textarea");
    if (event.key === "F1") $("keys").showModal();
    else if (event.key === "F6") panes(event.shiftKey ? -1 : 1);
    else if (mod && key === "f") $("find").focus();
    else if (mod && key === "s") say($("stand").dataset.said);
    else if (mod && (key === "z" || key === "y") && (!field || event.target.id === "text" || event.target.value === event.target.defaultValue)) key === "y" || event.shiftKey ? does.redo() : does.undo();
    else return;
    event.preventDefault();
  });

  /* -- finding, the map */
  const find = $("find");
  let hits = [];
  find.addEventListener("input", () => {
    const text = find.value.trim().toLowerCase();
    flow.querySelectorAll(".hit").forEach((face) => face.classList.remove("hit"));
    hits = text ? [...flow.querySelectorAll("button.face")].filter((face) => face.textContent.toLowerCase().includes(text)) : [];
    hits.forEach((face) => face.classList.add("hit"));
    $("found").textContent = text ? hits.length : "";
    hits[0]?.scrollIntoView({ block: "center" });
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !hits.length) return;
    const face = hits.shift();
    hits.push(face);
    for (let shutItem = face.closest(".shut"); shutItem; shutItem = face.closest(".shut")) fold(shutItem, false);
    choose(face, true);
  });
  /* Items, not what is in them: what is out of sight is not laid out. */
  const tops = (api.tops = () => flow.querySelectorAll(":scope > .flow > .step:not(.whole), .whole > .ways > .way > .flow > .step"));
  const small = $("map");
  let drawing = 0;
  const map = () => { drawing ||= idle(() => {
    drawing = 0;
    const tall = canvas.scrollHeight, view = canvas.clientHeight;
    small.hidden = tall < view * 2.5 || innerWidth < 900;
    if (small.hidden) return;
    const height = (small.height = Math.min(view - 24, 600)), scale = height / tall, wide = 96 / canvas.scrollWidth, pen = small.getContext("2d"), box = canvas.getBoundingClientRect(), ink = getComputedStyle(ed);
    pen.clearRect(0, 0, 96, height);
    for (const item of tops()) {
      const at = item.getBoundingClientRect();
      pen.fillStyle = item.firstChild.matches(".sel") ? ink.getPropertyValue("color") : "#8b8d9388";
      pen.fillRect((at.left - box.left + canvas.scrollLeft) * wide, (at.top - box.top + canvas.scrollTop) * scale, Math.max(at.width * wide, 2), Math.max(at.height * scale - 1, 1));
    }
    pen.strokeStyle = "#5b78ff";
    pen.strokeRect(1, canvas.scrollTop * scale + 1, 94, view * scale - 2);
  }); };
  small.addEventListener("click", (event) => (canvas.scrollTop = (event.offsetY / small.height) * canvas.scrollHeight - canvas.clientHeight / 2));
  canvas.addEventListener("scroll", map, { passive: true });
  addEventListener("resize", map);
  heard.push(map);

  /* -- others: heard once the drawing is shown */
  idle(() => {
    const watch = new EventSource(url + "/stream");
    watch.addEventListener("draft", (event) => { document.dispatchEvent(new CustomEvent("draft", { detail: event })); since(JSON.parse(event.data).seq); });
    watch.addEventListener("gone", () => (watch.close(), location.assign("/designer")));
    addEventListener("pagehide", () => watch.close());
  });
  document.addEventListener("htmx:before:process", (event) => event.preventDefault());  // nothing here asks by attributes: no need to look for any
  settle();
  const [first] = faces();
  if (!first) canvas.tabIndex = 0;
  requestAnimationFrame(() => (canvas.scrollLeft = (canvas.scrollWidth - canvas.clientWidth) / 2));
  if (writes && faces().length < 3) faces().find((one) => !one.id)?.focus();  // nothing is there yet: it can be typed at once
})();
