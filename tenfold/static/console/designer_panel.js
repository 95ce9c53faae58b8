// The panel: what can be set about the chosen layer, or about the whole design where none is chosen.
(() => {
  const { root, page, part, make, say, store, fields, nameOf, isSquare } = window.designer;
  if (!root) return;
  const panel = part("panel");
  let shown = [];
  let built = "";

  const options = (kind, values) => values.map((value) => [value, say(`${kind}_${value}`)]);
  const choose = (kind, name, ...values) => (write) => fields.select(say(name), write, options(kind, values));
  const segments = (kind, name, ...values) => (write) => fields.segments(say(name), write, options(kind, values));
  const number = (name, min, max, step) => (write) => fields.number(say(name), (value) => write(value), { min, max, step });
  const colour = (name, mayBeNone) => (write) => fields.colour(say(name), write, { mayBeNone });
  const picture = (name, mayBeNone) => (write) => fields.picture(say(name), write, { mayBeNone });
  const weights = (write) => fields.select(say("weight"), (value) => write(Number(value)), [300, 400, 500, 600, 700, 800, 900].map((one) => [one, say(`weight_${one}`)]));
  const opacity = number("opacity", 0, 1, 0.05);

  const OF = {
    text: {
      font: choose("font", "font", "sans", "serif"), weight: weights, size: number("size", 6, 1000), least: number("least", 0, 1000),
      lines: number("lines", 1, 40), leading: number("leading", 1, 2, 0.05), colour: colour("colour"), marker: (write) => fields.select(say("marker"), write, [["", say("none")], ["•", "•"]]),
      align: segments("align", "align", "left", "centre", "right"), valign: segments("valign", "valign", "top", "middle", "bottom"),
    },
    code: { level: choose("level", "level", "M", "Q"), radius: number("radius", 0, 4096), dark: colour("dark"), light: colour("light"), logo: picture("logo", true) },
    avatar: { shape: segments("avatar", "shape", "circle", "rounded"), radius: number("radius", 0, 4096) },
    picture: { picture: picture("picture"), fit: segments("fit", "fit", "cover", "contain"), radius: number("radius", 0, 4096), opacity },
    shape: {
      shape: choose("shape", "shape", "rectangle", "ellipse", "line", "dots"), fill: colour("fill", true), stroke: colour("stroke", true),
      width: number("stroke_width", 0, 400), radius: number("radius", 0, 4096), opacity,
    },
  };
  const USUAL = { least: 0, lines: 1, leading: 1.3, weight: 400, font: "sans", align: "left", valign: "top", marker: "", level: "M", radius: 0, opacity: 1, fit: "cover", width: 0, logo: "", fill: "", stroke: "", colour: "#000000", dark: "#000000", light: "#ffffff" };
  const GROUND = {
    colour: { colour: colour("colour") },
    gradient: { from: colour("from"), to: colour("to"), angle: number("angle", 0, 359) },
    picture: { picture: picture("picture") },
  };

  const grid = (...inside) => make("div", { class: "td-grid" }, ...inside);
  const titled = (title, ...inside) => make("section", { class: "td-set" }, make("h3", {}, title), ...inside);
  // A field and where its value comes from; all of them are shown anew after each change.
  const bind = (element, read) => { shown.push(() => element.show(read())); return element; };

  const boxFields = (id) => ["x", "y", "width_px", "height_px"].map((name, at) => bind(
    fields.number(say(name), (value) => store.changeLayer(id, (layer) => {
      layer.box[at] = value;
      if (at > 1 && isSquare(layer)) layer.box[2] = layer.box[3] = value;
    }, `box-${at}`), at < 2 ? { min: -4096, max: 4096 } : { min: 1, max: 4096 }),
    () => store.layer()?.box[at] ?? 0,
  ));
  const ofLayer = (layer) => {
    const { id, type } = layer;
    const set = (name) => (value) => {
      store.changeLayer(id, (one) => { one[name] = value; }, name);
    };
    const own = Object.entries(OF[type]).map(([name, field]) => bind(field(set(name)), () => store.layer()?.[name] ?? USUAL[name]));
    const slots = type === "code" ? ["code"] : page.elements.filter((name) => name !== "code");
    const slot = type === "code" || type === "text" ? bind(
      fields.select(say("slot"), (value) => store.changeLayer(id, (one) => { if (value) one.slot = value; else delete one.slot; }), [["", say("none")], ...options("slot", slots)]),
      () => store.layer()?.slot ?? "",
    ) : null;
    const head = make("h2", {}, nameOf(layer));
    const fit = make("p", { class: "td-fit" });
    shown.push(() => { const now = store.layer(); if (now) head.textContent = nameOf(now); fit.textContent = window.designer.fitOf(id); });
    const words = type === "text" ? bind(window.designer.words(), () => store.layer()?.text ?? "") : null;
    panel.replaceChildren(...[head, fit, words, titled(say("look"), grid(...own)), titled(say("place_and_size"), grid(...boxFields(id))), slot].filter(Boolean));
  };

  const sizes = Object.entries(page.sizes);
  const ofCanvas = () => {
    const set = (side) => (value) => store.change((design) => { design.canvas[side] = value; }, side);
    const size = ({ width, height }) => `${width}x${height}`;
    const ready = fields.select(say("canvas"), (value) => {
      if (value) store.change((design) => { [design.canvas.width, design.canvas.height] = value.split("x").map(Number); });
    }, [...sizes, ["", say("own_size")]]);
    bind(ready, () => { const now = size(store.design.canvas); return now in page.sizes ? now : ""; });
    const sides = ["width", "height"].map((side) => bind(fields.number(say(`${side}_px`), set(side), { min: 200, max: 4096 }), () => store.design.canvas[side]));
    return titled(say("canvas"), ready, grid(...sides));
  };
  const ofGround = () => {
    const ground = store.design.background;
    const type = fields.select(say("ground"), changeGround, options("ground", ["colour", "gradient", "picture"]));
    bind(type, () => store.design.background.type);
    const set = (name) => (value) => store.change((design) => { design.background[name] = value; }, `ground-${name}`);
    const own = Object.entries(GROUND[ground.type]).map(([name, field]) => bind(field(set(name)), () => store.design.background[name] ?? 180));
    return titled(say("ground"), type, grid(...own));
  };
  const changeGround = (type) => {
    const now = store.design.background;
    const colour = now.colour || now.from || "#102a43";
    if (type === "picture") {
      panel.querySelector("select")?.blur();
      window.designer.pictures.choose((sha256) => store.change((design) => { design.background = { type, picture: sha256 }; }), draw);
      return;
    }
    store.change((design) => {
      design.background = type === "colour" ? { type, colour } : { type, from: colour, to: now.to || "#0b7a5c", angle: 180 };
    });
  };

  const build = () => {
    shown = [];
    const layer = store.layer();
    if (layer) ofLayer(layer);
    else panel.replaceChildren(make("h2", {}, say("whole")), ofCanvas(), ofGround(), window.designer.elements());
  };
  // Fields are made anew only where other ones are needed: who types keeps their cursor.
  const draw = () => {
    const layer = store.layer();
    const needed = layer ? `${layer.id} ${layer.type} ${typeof layer.text}` : `canvas ${store.design.background.type} ${window.designer.elementsPrint()}`;
    if (needed !== built) { built = needed; build(); }
    shown.forEach((show) => show());
  };
  store.listen(draw);
  window.designer.drawPanel = draw;
})();
