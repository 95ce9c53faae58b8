// The design being worked on, what came before and after it (undo, redo), and which layer is chosen.
(() => {
  const { root, page } = window.designer;
  if (!root) return;
  const STEPS = 200;
  const PAUSE_MS = 900;
  const hearers = new Set();
  let design = page.start.design;
  let chosen = "";
  let past = [];
  let future = [];
  let merging = "";
  let pause;

  const tell = (what) => hearers.forEach((hear) => hear(what));
  const settle = () => { clearTimeout(pause); merging = ""; };
  const written = () => JSON.stringify(design);
  const layer = (id = chosen) => design.layers.find((one) => one.id === id);

  // What can be set right without asking is: what is read stays on the canvas, ornaments touch it.
  const bounded = (value, least, most) => Math.max(least, Math.min(most, value));
  const settleBox = (layer, { width, height }) => {
    const [x, y, w, h] = layer.box;
    if (layer.type === "shape" || layer.type === "picture") {
      layer.box = [bounded(x, 1 - w, width - 1), bounded(y, 1 - h, height - 1), w, h];
      return;
    }
    let [wide, high] = [Math.min(w, width), Math.min(h, height)];
    if (layer.type !== "text") wide = high = Math.max(layer.type === "code" ? page.limits.code : 1, Math.min(wide, high));
    layer.box = [bounded(x, 0, width - wide), bounded(y, 0, height - high), wide, high];
  };
  const tidy = (next) => next.layers.forEach((layer) => {
    settleBox(layer, next.canvas);
    if (layer.type === "text") layer.least = Math.min(layer.least ?? 0, layer.size);
    if (layer.type === "code") {
      layer.radius = Math.min(layer.radius ?? 0, Math.floor(layer.box[2] / 8));
      layer.level = layer.logo ? "Q" : layer.level;
    }
    if (layer.shape === "line") layer.width = Math.max(1, layer.width ?? 0);
  });

  const put = (next) => {
    design = next;
    if (chosen && !layer()) chosen = "";
  };
  // `edit` changes a copy. Changes with the same key, one soon after the other, are one step of undo; those of a
  // drag ("drag…") however long it takes.
  const change = (edit, key = "") => {
    const next = structuredClone(design);
    edit(next);
    tidy(next);
    const before = written();
    if (JSON.stringify(next) === before) return;
    if (!key || key !== merging) past = [...past.slice(1 - STEPS), { json: before, chosen }];
    future = [];
    settle();
    merging = key;
    if (key && !key.startsWith("drag")) pause = setTimeout(settle, PAUSE_MS);
    put(next);
    tell("design");
  };
  const changeLayer = (id, edit, key = "") => change((next) => {
    const found = next.layers.find((one) => one.id === id);
    if (found) edit(found);
  }, key && `${key}:${id}`);

  const travel = (from, to) => {
    const step = from.pop();
    if (!step) return false;
    settle();
    to.push({ json: written(), chosen });
    chosen = step.chosen;
    put(JSON.parse(step.json));
    tell("design");
    tell("chosen");
    return true;
  };
  const choose = (id) => {
    if (id === chosen) return;
    settle();
    chosen = id;
    tell("chosen");
  };
  const fresh = (stem) => {
    const taken = new Set(design.layers.map((one) => one.id));
    let number = 1;
    while (taken.has(`${stem}-${number}`)) number += 1;
    return taken.has(stem) ? `${stem}-${number}` : stem;
  };

  window.designer.store = {
    get design() { return design; },
    get chosen() { return chosen; },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },
    layer, written, change, changeLayer, choose, settle, fresh,
    undo: () => travel(past, future),
    redo: () => travel(future, past),
    listen: (hear) => hearers.add(hear),
  };
})();
