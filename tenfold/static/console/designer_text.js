// The words of a text layer: one text for both languages, or one each; variables are put in where the cursor stands.
(() => {
  const { root, page, make, say, store, fields, mayChange } = window.designer;
  if (!root) return;
  const LANGUAGES = Object.entries(page.languages);

  const words = () => {
    const id = store.chosen;
    const layer = store.layer();
    const isOne = typeof layer.text === "string";
    const box = make("div", { class: "td-words" });
    const areas = (isOne ? [["", say("text_in_both")]] : LANGUAGES).map(([language, label]) => {
      const field = fields.area(label, (value) => store.changeLayer(id, (one) => {
        if (language) one.text[language] = value; else one.text = value;
      }, `text-${language}`));
      if (language) field.input.lang = language === "zh-hans" ? "zh-Hans" : language;
      field.language = language;
      return field;
    });
    let last = areas[0].input;
    areas.forEach(({ input }) => input.addEventListener("focus", () => { last = input; }));
    const put = (name) => {
      last.setRangeText(`{${name}}`, last.selectionStart, last.selectionEnd, "end");
      last.dispatchEvent(new Event("input", { bubbles: true }));
      last.focus();
    };
    box.append(...areas);
    if (mayChange) box.append(chips(put), bothWays(id, isOne));
    box.append(meanings());
    box.show = (text) => {
      areas.forEach((field) => field.show(field.language ? text[field.language] ?? "" : text));
      box.querySelector(".td-meanings").replaceWith(meanings());
    };
    return box;
  };
  const chips = (put) => make("details", { class: "td-variables" },
    make("summary", {}, say("variables")),
    make("div", { class: "tf-chips" }, ...Object.entries(page.variables).map(([name, meaning]) => make("button", {
      type: "button", class: "tf-chip", title: meaning, "aria-label": say("put_in", { name: meaning }), onclick: () => put(name),
    }, `{${name}}`))));
  const bothWays = (id, isOne) => fields_check(isOne, (isSplit) => store.changeLayer(id, (one) => {
    if (isSplit) one.text = Object.fromEntries(LANGUAGES.map(([language]) => [language, one.text]));
    else one.text = one.text[page.language] || Object.values(one.text)[0] || "";
  }));
  const fields_check = (isOne, write) => {
    const field = fields.check(say("by_language"), write);
    field.show(!isOne);
    return field;
  };
  // What the variables of this text stand for now, so that nobody wonders where "{title}" is written.
  const meanings = () => {
    const layer = store.layer();
    const said = layer ? JSON.stringify(layer.text) : "";
    const elements = page.elements.filter((name) => name !== "code" && said.includes(`{${name}}`));
    const box = make("div", { class: "td-meanings" });
    if (!elements.length) return box;
    elements.forEach((name) => LANGUAGES.forEach(([language, label]) => {
      const value = page.shared[language]?.[name];
      if (value) box.append(make("p", {}, make("small", {}, label), " ", value));
    }));
    box.append(make("a", { href: page.addresses.texts }, say("edit_elements")));
    return box;
  };
  window.designer.words = words;
})();
