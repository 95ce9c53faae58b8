// Fields of the panel: each shows one value of the design and writes it back. A field is an element with `show(value)`.
(() => {
  const { root, make, say, icon, mayChange } = window.designer;
  if (!root) return;
  const TYPING_MS = 450;
  let count = 0;

  const framed = (label, input, ...more) => {
    count += 1;
    input.id = `td-${count}`;
    if (!mayChange) input.disabled = true;
    return make("div", { class: "td-field" }, make("label", { for: input.id }, label), input, ...more);
  };
  // What somebody is typing in a field is not overwritten by what they typed a moment ago.
  const shows = (element, input, put) => Object.assign(element, {
    show: (value) => { if (document.activeElement !== input) put(value); },
  });

  // A number counts once it is typed to its end: on the way to 104 stands 10, and nothing should shrink for that.
  const number = (label, write, { min, max, step = 1 }) => {
    const input = make("input", { type: "number", class: "form-control", min: String(min), max: String(max), step: String(step), inputmode: step === 1 ? "numeric" : "decimal" });
    const element = framed(label, input);
    let shown;
    let typing;
    const isTaken = () => {
      const typed = input.valueAsNumber;
      return Number.isFinite(typed) && typed >= min && typed <= max && (step !== 1 || Number.isInteger(typed));
    };
    const take = () => { clearTimeout(typing); typing = 0; if (isTaken() && input.valueAsNumber !== shown) write(input.valueAsNumber); };
    input.addEventListener("input", () => {
      input.classList.toggle("is-invalid", !isTaken());
      clearTimeout(typing);
      typing = setTimeout(take, TYPING_MS);
    });
    input.addEventListener("change", take);
    input.addEventListener("blur", () => { take(); input.value = shown; input.classList.remove("is-invalid"); });
    element.show = (value) => { shown = value; if (!typing && input.valueAsNumber !== value) { input.value = value; input.classList.remove("is-invalid"); } };
    return element;
  };
  const select = (label, write, options) => {
    const input = make("select", { class: "form-select" }, ...options.map(([value, text]) => make("option", { value: String(value) }, text)));
    input.addEventListener("change", () => write(input.value));
    const element = framed(label, input);
    element.show = (value) => { input.value = String(value); };
    return element;
  };
  const colour = (label, write, { mayBeNone = false } = {}) => {
    const well = make("input", { type: "color", class: "td-well", disabled: !mayChange, "aria-label": say("pick_colour", { field: label }) });
    const hex = make("input", { type: "text", class: "form-control tf-mono", maxlength: "7", spellcheck: "false", autocomplete: "off", placeholder: mayBeNone ? say("none") : "#000000" });
    // The well follows what is typed, too, though what is being typed is not overwritten.
    const paint = (value) => { well.value = value || "#ffffff"; well.classList.toggle("is-none", !value); };
    well.addEventListener("input", () => write(well.value));
    hex.addEventListener("input", () => {
      const typed = hex.value.trim().toLowerCase();
      const isTaken = /^#[0-9a-f]{6}$/.test(typed) || (mayBeNone && !typed);
      hex.classList.toggle("is-invalid", !isTaken);
      if (isTaken) { paint(typed); write(typed); }
    });
    const element = framed(label, hex);
    const pair = make("div", { class: "td-colour" }, well, hex);
    if (mayBeNone && mayChange) pair.append(make("button", { type: "button", class: "tf-quiet", "aria-label": say("no_colour", { field: label }), title: say("none"), onclick: () => write("") }, icon("close")));
    element.append(pair);
    return shows(element, hex, (value) => { hex.value = value; hex.classList.remove("is-invalid"); paint(value); });
  };
  const segments = (label, write, options) => {
    const buttons = options.map(([value, text]) => make("button", { type: "button", "data-value": value, disabled: !mayChange, onclick: () => write(value) }, text));
    const element = make("div", { class: "td-field" }, make("span", { class: "td-label" }, label), make("div", { class: "tf-segments", role: "group", "aria-label": label }, ...buttons));
    element.show = (value) => buttons.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.value === value)));
    return element;
  };
  const check = (label, write) => {
    const input = make("input", { type: "checkbox", class: "form-check-input", disabled: !mayChange, onchange: () => write(input.checked) });
    const element = make("label", { class: "td-check" }, input, make("span", {}, label));
    element.show = (value) => { input.checked = value; };
    return element;
  };
  const picture = (label, write, { mayBeNone = false } = {}) => {
    const image = make("img", { alt: "", class: "td-picture" });
    const change = make("button", { type: "button", class: "btn btn-sm", disabled: !mayChange, onclick: () => window.designer.pictures.choose(write) }, icon("upload"), say("choose_picture"));
    const element = make("div", { class: "td-field" }, make("span", { class: "td-label" }, label), make("div", { class: "td-picture-line" }, image, change));
    if (mayBeNone && mayChange) element.lastChild.append(make("button", { type: "button", class: "tf-quiet", "aria-label": say("no_picture"), onclick: () => write("") }, icon("close")));
    element.show = (sha256) => { image.hidden = !sha256; if (sha256) image.src = window.designer.pictures.address(sha256); };
    return element;
  };
  const area = (label, write) => {
    const input = make("textarea", { class: "form-control", maxlength: "600", rows: "2", spellcheck: "false" });
    input.addEventListener("input", () => write(input.value));
    const element = framed(label, input);
    element.input = input;
    element.show = (value) => { if (input.value !== value) input.value = value; };
    return element;
  };
  window.designer.fields = { number, select, colour, segments, check, picture, area };
})();
