// The outlines of the layers over the server's picture: chosen, moved and resized by mouse or touch.
(() => {
  const { root, part, make, say, store, nameOf, mayChange } = window.designer;
  if (!root) return;
  const CORNERS = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
  const NEAR_PX = 5;
  const FURTHEST = 4096;
  const stage = part("stage");
  const outlines = part("outlines");
  const handles = part("handles");
  const guides = part("guides");
  let drag = null;

  const place = (element, [x, y, width, height]) => {
    const { width: w, height: h } = store.design.canvas;
    Object.assign(element.style, {
      left: `${(100 * x) / w}%`, top: `${(100 * y) / h}%`, width: `${(100 * width) / w}%`, height: `${(100 * height) / h}%`,
    });
  };
  const label = (layer) => {
    const [x, y, width, height] = layer.box;
    return say("outline", { layer: nameOf(layer), x, y, width, height });
  };
  // Outlines are kept from drawing to drawing, so that the focus stays where it is.
  const draw = () => {
    const { canvas, layers } = store.design;
    stage.style.setProperty("--td-width", canvas.width);
    stage.style.setProperty("--td-height", canvas.height);
    const before = new Map([...outlines.children].map((one) => [one.dataset.id, one]));
    layers.forEach((layer, at) => {
      const outline = before.get(layer.id) || make("button", { type: "button", class: "td-outline", "data-id": layer.id });
      before.delete(layer.id);
      outline.setAttribute("aria-label", label(layer));
      outline.setAttribute("aria-pressed", String(layer.id === store.chosen));
      place(outline, layer.box);
      if (outlines.children[at] !== outline) outlines.insertBefore(outline, outlines.children[at] || null);
    });
    before.forEach((outline) => outline.remove());
    const chosen = store.layer();
    handles.hidden = !chosen || !mayChange;
    if (chosen) place(handles, chosen.box);
    // The chosen one can be taken by the mouse though others lie over it, unless it is nearly all there is.
    [...outlines.children].forEach((one) => one.classList.toggle("is-raised", one.dataset.id === store.chosen && !isGround(chosen)));
  };
  const isGround = ({ box: [, , width, height] }) => width * height > 0.5 * store.design.canvas.width * store.design.canvas.height;
  if (mayChange) handles.append(...CORNERS.map((at) => make("i", { "data-corner": at, "aria-hidden": "true" })));

  const scale = () => store.design.canvas.width / stage.clientWidth;
  const spot = (event) => {
    const box = stage.getBoundingClientRect();
    return [(event.clientX - box.left) * scale(), (event.clientY - box.top) * scale()];
  };
  // The topmost layer at a place: the one chosen may lie far below what is meant.
  const topAt = ([x, y]) => store.design.layers.findLast(
    ({ box: [left, top, width, height] }) => x >= left && y >= top && x < left + width && y < top + height,
  );
  const isSquare = (layer) => layer.type === "code" || layer.type === "avatar";

  // Edges and the middle of the canvas, and of the other layers, attract what is moved; returns how far to go.
  const attraction = (starts, size, axis, id) => {
    const side = axis ? store.design.canvas.height : store.design.canvas.width;
    const lines = [0, side / 2, side];
    store.design.layers.filter((one) => one.id !== id).forEach(({ box }) => {
      lines.push(box[axis], box[axis] + box[axis + 2] / 2, box[axis] + box[axis + 2]);
    });
    let best = { by: 0, line: null, near: NEAR_PX * scale() };
    [0, size / 2, size].forEach((inside) => lines.forEach((line) => {
      const by = line - (starts + inside);
      if (Math.abs(by) < best.near) best = { by, line, near: Math.abs(by) };
    }));
    return best;
  };
  const showGuides = (lines) => {
    guides.replaceChildren(...lines.map((line, axis) => line !== null && make("i", {
      class: axis ? "is-across" : "is-down",
      style: `${axis ? "top" : "left"}:${(100 * line) / (axis ? store.design.canvas.height : store.design.canvas.width)}%`,
    })).filter(Boolean));
  };
  const kept = (value, least) => Math.max(least, Math.min(FURTHEST, Math.round(value)));

  const moved = (event, [dx, dy]) => {
    let [x, y] = [drag.box[0] + dx, drag.box[1] + dy];
    const pulls = event.altKey ? [] : [attraction(x, drag.box[2], 0, drag.id), attraction(y, drag.box[3], 1, drag.id)];
    if (pulls.length) { x += pulls[0].by; y += pulls[1].by; }
    showGuides(pulls.map((pull) => pull.line));
    return [kept(x, -FURTHEST), kept(y, -FURTHEST), drag.box[2], drag.box[3]];
  };
  const resized = (layer, [dx, dy]) => {
    let [x, y, width, height] = drag.box;
    const { corner } = drag;
    if (corner.includes("e")) width += dx;
    if (corner.includes("s")) height += dy;
    if (corner.includes("w")) width -= dx;
    if (corner.includes("n")) height -= dy;
    if (isSquare(layer)) {
      const side = corner.length === 2 ? Math.max(width, height) : (/[ew]/.test(corner) ? width : height);
      width = height = side;
    }
    [width, height] = [kept(width, 1), kept(height, 1)];
    if (corner.includes("w")) x = drag.box[0] + drag.box[2] - width;
    if (corner.includes("n")) y = drag.box[1] + drag.box[3] - height;
    return [kept(x, -FURTHEST), kept(y, -FURTHEST), width, height];
  };

  // A finger that wants to scroll starts on a layer as often as not: only the chosen one can be dragged by touch.
  const begins = (event) => {
    const corner = event.target.dataset.corner || "";
    const outline = event.target.closest("[data-id]");
    if (event.button || (!corner && !outline)) return;
    const id = corner ? store.chosen : outline.dataset.id;
    const wasChosen = id === store.chosen;
    if (!wasChosen && event.pointerType !== "mouse") return;
    store.choose(id);
    if (!mayChange) return;
    drag = { id, corner, from: spot(event), box: [...store.layer(id).box], pointer: event.pointerId, wasChosen, isMoving: false };
    stage.setPointerCapture(event.pointerId);
    [...outlines.children].find((one) => one.dataset.id === id)?.focus({ preventScroll: true });
    event.preventDefault();
  };
  const goesOn = (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const at = spot(event);
    const by = [at[0] - drag.from[0], at[1] - drag.from[1]];
    if (!drag.isMoving && Math.hypot(...by) < 3 * scale()) return;
    drag.isMoving = true;
    const box = drag.corner ? resized(store.layer(drag.id), by) : moved(event, by);
    store.changeLayer(drag.id, (layer) => { layer.box = box; }, "drag");
  };
  const ends = (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { isMoving, wasChosen, corner } = drag;
    drag = null;
    store.settle();
    showGuides([]);
    if (!isMoving && wasChosen && !corner) { const top = topAt(spot(event)); if (top) pick(top.id); }
  };
  const pick = (id) => {
    store.choose(id);
    [...outlines.children].find((one) => one.dataset.id === id)?.focus({ preventScroll: true });
  };
  stage.addEventListener("pointerdown", begins);
  stage.addEventListener("pointermove", goesOn);
  stage.addEventListener("pointerup", ends);
  stage.addEventListener("pointercancel", ends);
  stage.addEventListener("pointerdown", (event) => { if (!event.target.closest("[data-id], [data-corner]")) store.choose(""); });
  outlines.addEventListener("focusin", (event) => store.choose(event.target.dataset.id));
  outlines.addEventListener("click", (event) => { const outline = event.target.closest("[data-id]"); if (outline) store.choose(outline.dataset.id); });

  store.listen(draw);
  Object.assign(window.designer, { isSquare, label, pick });
  draw();
})();
