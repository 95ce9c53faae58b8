// What a new layer looks like, and how a layer is called in a list.
(() => {
  const { root, page, say, store } = window.designer;
  if (!root) return;

  const text = (given) => ({
    type: "text", text: "", font: "sans", weight: 500, size: 48, least: 28, lines: 2, leading: 1.3,
    align: "left", valign: "top", colour: ink(), marker: "", ...given,
  });
  const shape = (given) => ({ type: "shape", shape: "rectangle", fill: "#0b7a5c", stroke: "", width: 0, radius: 0, opacity: 1, ...given });

  // Black or white, whichever is read better on the canvas as it stands.
  const ink = () => {
    const ground = store.design.background;
    const colour = ground.colour || ground.from || "#000000";
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return 0.299 * r + 0.587 * g + 0.114 * b > 150 ? "#16211d" : "#ffffff";
  };

  // name -> [width and height as shares of the canvas' shorter side, top as a share of its height, the layer]
  const KINDS = {
    title: () => [0.84, 0.26, 0.14, text({ slot: "title", text: "{title}", weight: 800, size: 104, least: 52, lines: 3, leading: 1.2 })],
    subtitle: () => [0.84, 0.12, 0.33, text({ slot: "subtitle", text: "{subtitle}", size: 46, least: 30 })],
    points: () => [0.84, 0.26, 0.42, text({ slot: "points", text: "{points}", size: 42, least: 28, lines: 6, leading: 1.5, marker: "•" })],
    endorsement: () => [0.84, 0.07, 0.6, text({ slot: "endorsement", text: "{endorsement}", size: 34, least: 24 })],
    offer: () => [0.46, 0.16, 0.7, text({ slot: "offer", text: "{offer}", weight: 800, size: 56, least: 32 })],
    code: () => [0.34, 0.34, 0.72, { type: "code", slot: "code", level: "M", logo: "", radius: 16, dark: "#000000", light: "#ffffff" }],
    avatar: () => [0.11, 0.11, 0.05, { type: "avatar", shape: "circle", radius: 0 }],
    nickname: () => [0.5, 0.06, 0.06, text({ text: "{nickname}", weight: 700, size: 40, least: 26, lines: 1 })],
    invite: () => [0.6, 0.06, 0.1, text({ text: "{invite}", size: 34, least: 24, lines: 2 })],
    text: () => [0.6, 0.1, 0.45, text({ text: say("sample_text") })],
    rectangle: () => [0.5, 0.3, 0.4, shape({ radius: 24 })],
    ellipse: () => [0.4, 0.4, 0.4, shape({ shape: "ellipse" })],
    line: () => [0.5, 0.02, 0.5, shape({ shape: "line", fill: "", stroke: "#0b7a5c", width: 4 })],
    dots: () => [0.4, 0.4, 0.4, shape({ shape: "dots" })],
    picture: () => [0.5, 0.5, 0.3, { type: "picture", picture: "", fit: "cover", radius: 0, opacity: 1 }],
  };

  // The layer `kind`, in the middle of the canvas; the code stands to the right, where thumbs do not cover it.
  const layerOf = (kind) => {
    const [wide, high, down, layer] = KINDS[kind]();
    const { width, height } = store.design.canvas;
    const side = Math.min(width, height);
    const box = [0, 0, Math.round(wide * side), Math.max(4, Math.round(high * side))];
    box[0] = kind === "code" ? width - box[2] - Math.round(side * 0.08) : Math.round(side * 0.08);
    box[1] = Math.min(Math.round(down * height), height - box[3]);
    return { id: store.fresh(kind), box, ...layer };
  };
  const textOf = (layer) => (typeof layer.text === "string" ? layer.text : layer.text[page.language] || Object.values(layer.text)[0] || "");
  const inWords = (text) => text.replace(/\{(\w+)\}/g, (all, name) => page.variables[name] ?? all);
  const plainName = (layer) => {
    if (layer.slot) return say(`slot_${layer.slot}`);
    if (layer.type === "text") return inWords(textOf(layer).trim().split("\n")[0]).slice(0, 40) || say("type_text");
    return say(layer.type === "shape" ? `shape_${layer.shape}` : `type_${layer.type}`);
  };
  // Layers of one name are numbered, from the back: "Ellipse 2".
  const nameOf = (layer) => {
    const name = plainName(layer);
    const same = store.design.layers.filter((one) => plainName(one) === name);
    const at = same.findIndex((one) => one.id === layer.id);
    return same.length > 1 && at >= 0 ? `${name} ${at + 1}` : name;
  };
  // Everything of a layer but its place, as one reads it in a list.
  const iconOf = (layer) => (layer.type === "shape" ? layer.shape : layer.type);

  const isElementThere = (name) => store.design.layers.some((one) => (one.slot || one.type) === name);
  const add = (kind, given = {}) => {
    const layer = { ...layerOf(kind), ...given };
    if (layer.slot && store.design.layers.some((one) => one.slot === layer.slot)) delete layer.slot;
    store.change((design) => {
      design.layers.push(layer);
      design.waived = (design.waived || []).filter((one) => one !== layer.slot);
    });
    store.choose(layer.id);
    window.designer.announce(say("added", { layer: nameOf(layer) }));
  };
  Object.assign(window.designer, { add, nameOf, iconOf, textOf, isElementThere, kinds: Object.keys(KINDS), isFull: () => store.design.layers.length >= page.limits.layers });
})();
