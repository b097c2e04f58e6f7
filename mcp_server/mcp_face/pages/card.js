// The conversation of a card with its host: JSON-RPC over postMessage (MCP Apps, 2026-01-26).
const host = (() => {
  const waiting = new Map();
  const hearing = new Map();
  let number = 0;
  let answers = true;

  const post = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");

  const ask = (method, params) => new Promise((resolve, reject) => {
    number += 1;
    waiting.set(number, { resolve, reject });
    post({ id: number, method, params });
  });

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== window.parent || !message || message.jsonrpc !== "2.0") return;
    if (message.method === undefined) {
      const asked = waiting.get(message.id);
      if (!asked) return;
      waiting.delete(message.id);
      if (message.error) asked.reject(new Error(message.error.message));
      else asked.resolve(message.result);
    } else {
      if (message.method === "ui/resource-teardown") answers = false;
      if (message.method === "ui/notifications/host-context-changed") dress(message.params || {});
      const hear = hearing.get(message.method);
      if (hear) hear(message.params || {});
      if (message.id !== undefined) post({ id: message.id, result: {} });
    }
  });

  const dress = (context) => {
    if (context.theme) document.documentElement.dataset.theme = context.theme;
  };

  const fit = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    post({ method: "ui/notifications/size-changed", params: { width: document.body.scrollWidth, height } });
  };

  return {
    on: (method, hear) => hearing.set(method, hear),
    alive: () => answers,
    tool: async (name, given) => {
      const result = await ask("tools/call", { name, arguments: given });
      const text = (result.content || []).map((block) => block.text || "").join("\n");
      if (result.isError) throw new Error(text);
      return result.structuredContent || JSON.parse(text);
    },
    read: async (uri) => JSON.parse((await ask("resources/read", { uri })).contents[0].text),
    start: async (name) => {
      const appInfo = { name, version: "1.0.0" };
      const given = { appInfo, appCapabilities: {}, protocolVersion: "2026-01-26" };
      const told = await ask("ui/initialize", given);
      dress(told.hostContext || {});
      post({ method: "ui/notifications/initialized", params: {} });
      new ResizeObserver(fit).observe(document.body);
      return told;
    },
  };
})();

// An element with its classes and its children; a text is a text and never markup.
const make = (tag, names, ...children) => {
  const element = document.createElement(tag);
  if (names) element.className = names;
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
};

const told = (result) => {
  if (result.structuredContent) return result.structuredContent;
  const text = (result.content || []).map((block) => block.text || "").join("");
  try { return JSON.parse(text); } catch { return { next: text }; }
};
