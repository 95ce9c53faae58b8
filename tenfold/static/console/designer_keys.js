// The designer by keyboard: arrows move the chosen layer by 1 px, with Shift by 10, with Ctrl they resize it;
// Delete removes it, [ and ] change the order, Ctrl-D doubles it, Ctrl-Z and Ctrl-Shift-Z undo and redo.
(() => {
  const { root, part, say, store, announce, isSquare, nameOf, label, mayChange } = window.designer;
  if (!root) return;
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const FURTHEST = 4096;
  const bounded = (value, least) => Math.max(least, Math.min(FURTHEST, value));
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

  const nudge = ([dx, dy], isSize) => {
    store.changeLayer(store.chosen, (layer) => {
      const box = layer.box;
      if (isSize) {
        box[2] = bounded(box[2] + dx, 1);
        box[3] = bounded(box[3] + dy, 1);
        if (isSquare(layer)) box[2] = box[3] = dx ? box[2] : box[3];
      } else {
        box[0] = bounded(box[0] + dx, -FURTHEST);
        box[1] = bounded(box[1] + dy, -FURTHEST);
      }
    }, isSize ? "size" : "nudge");
    announce(label(store.layer()));
  };

  const remove = () => {
    const at = store.design.layers.findIndex((one) => one.id === store.chosen);
    if (at < 0) return;
    const name = nameOf(store.layer());
    store.change((design) => design.layers.splice(at, 1));
    const next = store.design.layers[Math.min(at, store.design.layers.length - 1)];
    store.choose(next ? next.id : "");
    announce(say("removed", { layer: name }));
  };
  // Up is towards the eye: later in the list of layers.
  const reorder = (id, by) => {
    const { layers } = store.design;
    const at = layers.findIndex((one) => one.id === id);
    const to = at + by;
    if (at < 0 || to < 0 || to >= layers.length) return;
    store.change((design) => design.layers.splice(to, 0, ...design.layers.splice(at, 1)));
    announce(say("place", { layer: nameOf(store.layer(id)), place: layers.length - to, count: layers.length }));
  };
  const double = () => {
    const from = store.layer();
    if (!from || window.designer.isFull()) return;
    const copy = structuredClone(from);
    copy.id = store.fresh(from.id.replace(/-\d+$/, "").slice(0, 28));
    copy.box = [from.box[0] + 24, from.box[1] + 24, from.box[2], from.box[3]];
    delete copy.slot;
    store.change((design) => design.layers.splice(design.layers.findIndex((one) => one.id === from.id) + 1, 0, copy));
    store.choose(copy.id);
    announce(say("added", { layer: nameOf(copy) }));
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    // In a field Ctrl-Z is the browser's own, until the field has nothing left to take back; elsewhere it is ours.
    if (isCommand && !event.altKey && (key === "z" || key === "y") && !isTyping(event.target) && mayChange) {
      event.preventDefault();
      travel(key === "y" || event.shiftKey ? "redo" : "undo");
    }
  });
  const travel = (way) => { if (store[way]()) announce(say(way === "undo" ? "undone" : "redone")); };

  part("outlines").addEventListener("keydown", (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") { store.choose(""); event.target.blur(); return; }
    if (!mayChange || event.altKey || event.isComposing) return;
    const way = WAYS[event.key];
    const step = event.shiftKey ? 10 : 1;
    if (way) nudge(way.map((one) => one * step), isCommand);
    else if (event.key === "Delete" || event.key === "Backspace") { remove(); focusChosen(); }
    else if (event.key === "]" || event.key === "[") { reorder(store.chosen, event.key === "]" ? 1 : -1); focusChosen(); }
    else if (isCommand && event.key.toLowerCase() === "d") { double(); focusChosen(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const focusChosen = () => { if (store.chosen) window.designer.pick(store.chosen); else part("stage").focus(); };
  Object.assign(window.designer, { remove, reorder, double, travel });
})();
