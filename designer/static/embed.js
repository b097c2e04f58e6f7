/* A workflow in another site's frame: what it tells the page around it, and what it is told. docs/guides/embedding.md */
(() => {
  "use strict";
  const body = document.body, allowed = (body.dataset.embedded || "").split(" ").filter(Boolean);
  const around = (() => { try { return new URL(document.referrer).origin; } catch { return ""; } })();
  const id = location.pathname.match(/[0-9a-f-]{36}$/)?.[0] ?? document.querySelector("[data-draft]")?.dataset.draft ?? "";
  if (window.parent === window || !allowed.includes(around)) return;

  const tell = (type, more = {}) => window.parent.postMessage({ botmcp: 1, type, workflow: body.dataset.name, id, ...more }, around);
  const source = async () => {
    if (!id) return tell("error", { message: "no draft" });
    const answer = await fetch(`/designer/workflows/${id}/source`);
    answer.ok ? tell("source", { source: await answer.text(), etag: answer.headers.get("ETag") }) : tell("error", { message: String(answer.status) });
  };
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== around || event.data?.botmcp !== 1) return;
    const { type, theme, line } = event.data;
    if (type === "theme" && ["auto", "light", "dark"].includes(theme)) document.documentElement.dataset.theme = theme;
    else if (type === "select") {
      const card = document.querySelector(`[data-line="${Number(line)}"]`);
      card?.scrollIntoView({ block: "center" });
      (card?.querySelector("button, a, [tabindex]") ?? card)?.focus();
    } else if (type === "source") source();
    else if (type === "hello") tell("ready");
  });
  let seen;
  document.addEventListener("draft", (event) => {
    const { seq, by } = JSON.parse(event.detail.data);
    if (seen !== undefined && seq !== seen) tell("changed", { seq, by });
    seen = seq;
    body.dataset.watched = seq;
  });
  document.addEventListener("botmcp:nodes", (event) => tell("steps", { steps: event.detail.map(([line, state]) => ({ line, state })) }));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="/designer"]');
    if (!link || link.pathname.startsWith("/designer/embed/")) return;
    event.preventDefault();
    tell("open", { address: link.href });
    window.open(link.href, "_blank", "noopener");
  }, true);
  new ResizeObserver(() => tell("size", { height: document.documentElement.scrollHeight })).observe(body);
  tell("ready");
})();
