/* Dragging by one path for mouse, touch and pen: from the palette or the drawing, to one of the places between steps. */
(() => {
  "use strict";
  const api = window.canvas;
  if (!api?.writes) return;
  const { $, send, ghost } = api, canvas = $("canvas"), NEAR = 6, HOLD = 320;
  let from = null, carried = null, gaps = [], over = null, timer = 0, start = null, turning = 0;

  const begin = (event) => {
    carried = from.cloneNode(true);
    carried.removeAttribute("id");
    carried.classList.add("carried");
    carried.style.width = from.offsetWidth + "px";
    document.body.append(carried);
    from.closest(".step")?.classList.add("lifted");
    api.dragged = true;
    measure();
    over = null;
    turn(event);
    scroll();
  };
  const measure = () => {
    const own = from.closest(".step");
    const near = [...api.tops()].filter((item) => { const box = item.getBoundingClientRect(); return box.bottom > -400 && box.top < innerHeight + 400; });
    const found = [...document.querySelectorAll("#flow .begin > .plus"), ...document.querySelectorAll("#flow .whole > .plus")].filter((plus) => !plus.closest(".step:not(.whole)"));
    for (const item of near) found.push(...item.querySelectorAll(".plus"));
    gaps = found.filter((plus) => !own?.contains(plus) && !plus.closest(".shut > .ways")).map((plus) => {
      const box = plus.getBoundingClientRect();
      return { plus, x: box.left + box.width / 2, y: box.top + box.height / 2 };
    });
    measure.at = [canvas.scrollLeft, canvas.scrollTop];
  };
  const turn = (event) => {
    start = { x: event.clientX, y: event.clientY };
    carried.style.transform = `translate(${event.clientX + 10}px, ${event.clientY + 10}px)`;
    const box = canvas.getBoundingClientRect(), inside = event.clientX > box.left && event.clientX < box.right && event.clientY > box.top && event.clientY < box.bottom;
    const dx = measure.at[0] - canvas.scrollLeft, dy = measure.at[1] - canvas.scrollTop;
    let best = null, least = Infinity;
    if (inside) for (const gap of gaps) {
      const far = Math.hypot((gap.x + dx - event.clientX) * 0.45, gap.y + dy - event.clientY);
      if (far < least) (least = far), (best = gap.plus);
    }
    if (best === over) return;
    over?.classList.remove("over");
    (over = best)?.classList.add("over");
  };
  const scroll = () => {
    if (!carried) return;
    const box = canvas.getBoundingClientRect(), edge = 48;
    if (Math.abs(measure.at[1] - canvas.scrollTop) > 300) measure();
    if (start.y < box.top + edge && start.y > box.top - edge) canvas.scrollTop -= 12;
    if (start.y > box.bottom - edge) canvas.scrollTop += 12;
    if (start.x > box.right - edge && start.x < box.right) canvas.scrollLeft += 12;
    if (start.x < box.left + edge && start.x > box.left) canvas.scrollLeft -= 12;
    turning = requestAnimationFrame(scroll);
  };
  const end = (drop) => {
    clearTimeout(timer);
    cancelAnimationFrame(turning);
    const at = over, what = from;
    carried?.remove();
    document.querySelectorAll(".lifted, .over").forEach((one) => one.classList.remove("lifted", "over"));
    const was = carried;
    from = carried = over = null;
    setTimeout(() => (api.dragged = false));
    if (!was || !drop || !at) return;
    const gap = api.gapOf(at);
    ghost(gap, (what.querySelector("b") || what).textContent.trim());
    const gesture = what.dataset.item ? { op: "insert", item: what.dataset.item, at: gap } : { op: "move", node: +what.id.slice(1), at: gap };
    send(gesture);
  };

  document.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const item = event.target.closest(".item, #flow button.face:not(.head)");
    if (!item || (item.id[0] === "f" && item.id[1] === "-")) return;
    from = item;
    start = { x: event.clientX, y: event.clientY };
    if (event.pointerType !== "mouse" && !item.matches(".item")) timer = setTimeout(() => from && !carried && (item.setPointerCapture(event.pointerId), begin(event)), HOLD);
    else if (event.pointerType !== "mouse") item.setPointerCapture(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (!from) return;
    if (carried) return turn(event);
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) < NEAR) return;
    if (event.pointerType !== "mouse" && !from.matches(".item")) { clearTimeout(timer); from = null; return; }
    begin(event);
  });
  document.addEventListener("pointerup", () => end(true));
  document.addEventListener("pointercancel", () => end(false));
  document.addEventListener("touchmove", (event) => carried && event.preventDefault(), { passive: false });
  document.addEventListener("keydown", (event) => event.key === "Escape" && carried && end(false), true);
  document.addEventListener("click", (event) => {
    if (api.dragged) { event.stopPropagation(); event.preventDefault(); return; }
    const item = event.target.closest(".item");
    if (!item) return;
    const chosen = document.querySelector("#flow .sel")?.closest(".step"), list = document.querySelector("#flow .whole > .ways > .way > .flow") || document.querySelector("#flow > .flow");
    const steps = list.querySelectorAll(":scope > .step"), last = chosen || steps[steps.length - 1];
    const gap = last && !last.matches(".whole") ? { after: +last.id.slice(1) } : { first: +list.firstElementChild.id.slice(1) };
    ghost(gap, item.textContent.trim());
    send({ op: "insert", item: item.dataset.item, at: gap });
  }, true);
})();
