/* The fields of the chosen step: each change is a gesture, Enter goes on to what is empty, a name completes itself. */
(() => {
  "use strict";
  const api = window.canvas, { $, asked, heard, stand } = api, form = $("form"), FIELDS = "[data-field],[data-part]:not(button)", NEW = /events|memory|people/;  // names that may well be new
  let resting = 0, begun = null;  // what is typed and not sent yet, and the state that it was begun in

  const of = (input) => input.closest(".of");
  const typing = (input) => input.matches("input:not([type=checkbox]), textarea");
  const commit = (input, etag = begun?.input === input ? begun.etag : of(input)?.dataset.etag) => {
    const { field, part, row } = input.dataset, card = of(input)?.dataset.card, lines = input.closest("[data-asks]");
    if (!card || !api.writes || !(field || part)) return;
    const value = input.type === "checkbox" ? (input.checked ? "yes" : "") : input.value;
    if (typing(input)) { if (value === input.defaultValue) return; input.defaultValue = value; }
    if (begun?.input === input) clearTimeout(resting), (begun = null);
    if (input.dataset.value) { if (value === input.dataset.value) return; input.dataset.value = value; }
    const gesture = { op: "set", [card[0] === "w" ? "way" : "node"]: +card.slice(1), field: field || lines.dataset.asks, value, ...(part ? { part, row: +row } : {}) };
    asked("POST", "/edits", () => ({ gesture: JSON.stringify(gesture), etag: etag || stand().etag }));
  };
  const go = (input) => {
    const id = input?.id;
    (input || api.rest()).focus();
    if (id) api.queue().then(() => document.activeElement === document.body && $(id)?.focus());
  };
  const begins = (input) => begun?.input === input || (begun = { input, etag: of(input)?.dataset.etag });
  form.addEventListener("change", ({ target }) => {
    clearTimeout(resting);
    if (!target.matches("select")) return commit(target);
    begins(target), (resting = setTimeout(commit, 400, target));  // arrows and letters go over others on their way
  });
  form.addEventListener("focusout", ({ target }) => (typing(target) || begun?.input === target) && commit(target));
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-part]");
    if (button) commit(button), go($(button.closest(".ask").previousElementSibling?.querySelector("[data-part=left]")?.id || button.closest("[data-asks]").querySelector("input").id));
  });
  form.addEventListener("click", (event) => {
    const more = event.target.closest(".another > summary")?.parentElement;
    if (!more) return;
    event.preventDefault();  // and opened here: what is typed right behind it goes into its first field
    if ((more.open = !more.open)) more.querySelector("[data-part=left]").focus();
  });
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.key === "Escape") api.rest().focus();
    if (event.key !== "Enter" || event.shiftKey || !input.matches(FIELDS) || input.type === "checkbox") return;
    event.preventDefault();
    const all = [...form.querySelectorAll(FIELDS)].filter((other) => !other.closest("details:not([open])")), at = all.indexOf(input);
    commit(input);
    go(all.slice(at + 1).find((other) => !other.value && other.type !== "checkbox" && (input.dataset.part || other.dataset.field)));
  });
  form.addEventListener("input", (event) => {
    const input = event.target, typed = input.value;
    if (typing(input)) begins(input);
    if (!input.list || NEW.test(input.list.id) || event.inputType !== "insertText" || event.isComposing || input.selectionEnd < typed.length) return;
    const best = [...input.list.options].find(({ value }) => value.length > typed.length && value.toLowerCase().startsWith(typed.toLowerCase()));
    if (best) (input.value = best.value), input.setSelectionRange(typed.length, best.value.length);
  });
  /* What is shown is what stands; what is being typed stays, and is compared with what it was begun on. */
  heard.push(() => {
    const shown = form.querySelector(".of");
    const face = api.here();
    if (!shown) return;
    if (face?.matches("button") && api.name(face) !== shown.dataset.card) return api.choose(face);  // another was chosen meanwhile
    shown.dataset.etag = stand().etag;
    form.querySelectorAll("select[data-value]").forEach((select) => begun?.input !== select && (select.value = select.dataset.value));
    for (const input of form.querySelectorAll(FIELDS)) if (typing(input) && begun?.input !== input && input.value !== input.defaultValue) input.value = input.defaultValue;
  });
})();
