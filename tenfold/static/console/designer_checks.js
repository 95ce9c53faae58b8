// What saving found, as a list: what is well, what to look at, what has to be changed first.
(() => {
  const { root, page, part, make, icon, say, nameOf, store } = window.designer;
  if (!root) return;
  const SIGNS = { ok: "there", warning: "warning", refused: "refused" };
  const ORDER = ["refused", "warning", "ok"];
  const list = part("checks");

  const line = ({ state, text, advice, layer }) => {
    const found = layer && store.layer(layer);
    const item = make("li", { class: `td-check-line is-${state}` }, icon(SIGNS[state]), make("div", {},
      make("p", {}, make("b", { class: "visually-hidden" }, `${say(`check_${state}`)}: `), text),
      advice ? make("p", { class: "td-advice" }, advice) : null));
    if (found) item.append(make("button", { type: "button", class: "tf-link", "aria-label": say("show_layer", { layer: nameOf(found) }), onclick: () => window.designer.pick(layer) }, say("show")));
    return item;
  };
  const show = (checks, { isOpen = false } = {}) => {
    part("checks-box").hidden = !checks.length;
    const sorted = [...checks].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
    const loud = sorted.filter((one) => one.state !== "ok");
    const calm = sorted.filter((one) => one.state === "ok");
    list.replaceChildren(...loud.map(line));
    if (calm.length) {
      const count = say("checks_ok", { count: calm.length });
      list.append(make("li", { class: "td-check-line is-ok" }, icon("there"), make("details", { open: !loud.length && isOpen }, make("summary", {}, count), make("ul", {}, ...calm.map((one) => make("li", {}, one.text))))));
    }
    if (isOpen && loud.length) part("checks-box").scrollIntoView({ block: "nearest" });
  };
  window.designer.showChecks = show;
  show(page.checks);
})();
