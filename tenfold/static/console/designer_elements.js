// The six elements of a poster: which are on it, which are done without, which are missing.
(() => {
  const { root, page, make, say, icon, store, add, isElementThere, fields, mayChange } = window.designer;
  if (!root) return;
  const waived = () => store.design.waived || [];
  const waive = (name, isWaived) => store.change((design) => {
    design.waived = page.elements.filter((one) => (one === name ? isWaived : (design.waived || []).includes(one)));
  });
  const line = (name) => {
    const there = isElementThere(name);
    const without = waived().includes(name);
    const item = make("li", { class: `td-element${there ? " is-there" : ""}` }, icon(there ? "there" : "missing"), make("span", {}, say(`slot_${name}`)));
    if (there || !mayChange) {
      item.append(make("small", {}, say(there ? "on_it" : without ? "done_without" : "not_on_it")));
      return item;
    }
    if (!without) item.append(make("button", { type: "button", class: "tf-link", "aria-label": say("add_element", { element: say(`slot_${name}`) }), onclick: () => { add(name); window.designer.pick(store.chosen); } }, say("add")));
    const field = fields.check(say("do_without"), (value) => waive(name, value));
    field.show(without);
    field.firstChild.setAttribute("aria-label", say("do_without_element", { element: say(`slot_${name}`) }));
    item.append(field);
    return item;
  };
  // A poster has all six; of a letter, a ticket or a card only the code is asked.
  const asked = () => (page.kinds_with_elements.includes(store.design.kind) ? page.elements : ["code"]);
  window.designer.elements = () => make("section", { class: "td-set" },
    make("h3", {}, say(asked().length > 1 ? "six_elements" : "must_be_there")), make("ul", { class: "td-elements" }, ...asked().map(line)));
  window.designer.elementsPrint = () => asked().map((name) => `${isElementThere(name)}${waived().includes(name)}`).join();
})();
