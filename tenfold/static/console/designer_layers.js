// The list of layers, top first, and the menu that adds one.
(() => {
  const { root, part, make, icon, say, store, nameOf, iconOf, mayChange } = window.designer;
  if (!root) return;
  const list = part("layers");
  let fits = {};

  const tool = (name, sign, layer, act, isOff) => make("button", {
    type: "button", class: "tf-quiet", "aria-label": say(name, { layer: nameOf(layer) }), title: say(`${name}_short`),
    disabled: isOff, "data-tool": name, onclick: (event) => { event.stopPropagation(); act(); },
  }, icon(sign));

  const row = (layer, at, count) => {
    const fit = fits[layer.id];
    const isChosen = layer.id === store.chosen;
    const choose = make("button", {
      type: "button", class: "td-layer-name", "aria-pressed": String(isChosen), onclick: () => window.designer.pick(layer.id),
    }, icon(iconOf(layer)), make("span", {}, nameOf(layer)));
    if (fit) choose.append(make("span", { class: "td-warn", title: fit }, icon("warning"), make("span", { class: "visually-hidden" }, fit)));
    const item = make("li", { class: `td-layer${isChosen ? " is-chosen" : ""}`, "data-layer": layer.id }, choose);
    if (!mayChange) return item;
    item.append(
      tool("up", "up", layer, () => window.designer.reorder(layer.id, 1), at === count - 1),
      tool("down", "down", layer, () => window.designer.reorder(layer.id, -1), at === 0),
      tool("remove", "remove", layer, () => { store.choose(layer.id); window.designer.remove(); }, false),
    );
    return item;
  };

  // Drawn anew each time; the focus goes back to what stands where it was.
  const draw = () => {
    const held = document.activeElement?.closest("[data-layer]");
    const tools = held && { id: held.dataset.layer, tool: document.activeElement.dataset.tool, at: [...list.children].indexOf(held) };
    const { layers } = store.design;
    list.replaceChildren(...layers.map((layer, at) => row(layer, at, layers.length)).reverse());
    part("no-layers").hidden = layers.length > 0;
    if (!tools) return;
    const back = [...list.children].find((one) => one.dataset.layer === tools.id) || list.children[Math.min(tools.at, list.children.length - 1)];
    const button = tools.tool && back?.querySelector(`[data-tool="${tools.tool}"]:not(:disabled)`);
    (button || back?.querySelector(".td-layer-name") || part("add-menu")?.querySelector("summary"))?.focus();
  };

  const menu = part("add-menu");
  menu?.addEventListener("click", (event) => {
    const kind = event.target.closest("[data-add]")?.dataset.add;
    if (!kind) return;
    menu.open = false;
    if (window.designer.isFull()) { window.designer.announce(say("too_many_layers")); return; }
    if (kind === "picture") { window.designer.pictures.choose((sha256) => window.designer.add("picture", { picture: sha256 })); return; }
    window.designer.add(kind);
    window.designer.pick(store.chosen);
  });
  menu?.addEventListener("toggle", () => menu.querySelectorAll("[data-add]").forEach((button) => {
    button.disabled = button.dataset.once !== undefined && window.designer.isElementThere(button.dataset.add);
  }));

  store.listen(draw);
  // id -> what does not fit, from the last drawing
  window.designer.showFits = (found) => { fits = found; draw(); window.designer.drawPanel(); };
  window.designer.fitOf = (id) => fits[id] ?? "";
  draw();
})();
