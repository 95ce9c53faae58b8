// What is not saved stays in this browser, through a lost session, a closed tab or a server that is down.
(() => {
  const { root, page, part, say, store, mayChange } = window.designer;
  if (!root) return;
  const DELAY_MS = 300;
  let key = `tenfold-design:${page.draft}`;
  const form = part("form");
  const note = part("draft-note");
  let timer;

  // What differs from what the page was sent: a colleague's choice is not taken back by who left it alone.
  const touched = () => Object.fromEntries(["name", "variant"].map((field) => [field, form.elements[field].value])
    .filter(([field, value]) => !page.id || value !== page[field]));
  const print = () => JSON.stringify([store.design, form.elements.name.value, form.elements.variant.value]);
  let saved = print();
  const isDirty = () => mayChange && print() !== saved;
  const read = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const keep = () => {
    clearTimeout(timer);
    try {
      if (!isDirty()) { localStorage.removeItem(key); return; }
      const draft = { design: store.design, ...touched(), number: page.number, at: Date.now() };
      localStorage.setItem(key, JSON.stringify(draft));
    } catch { /* a full or forbidden store: the question on leaving is what remains */ }
  };
  const mark = () => {
    form.classList.toggle("is-dirty", isDirty());
    clearTimeout(timer);
    timer = setTimeout(keep, DELAY_MS);
  };
  const isSaved = (written) => { saved = written; mark(); keep(); note.hidden = true; };

  // As everywhere in the console: 22 Nov 2026, 16:54, by the clock of the campaign.
  const when = (moment) => {
    const isChinese = document.documentElement.lang.startsWith("zh");
    return new Intl.DateTimeFormat(isChinese ? "zh-CN" : "en-GB", { dateStyle: isChinese ? "long" : "medium", timeStyle: "short", timeZone: page.zone }).format(moment);
  };
  // Put back as one more change, so that undo leads to what is saved.
  const bringBack = (draft) => {
    store.change((design) => { Object.keys(design).forEach((name) => delete design[name]); Object.assign(design, draft.design); });
    form.elements.name.value = draft.name ?? page.name;
    form.elements.variant.value = draft.variant ?? page.variant;
    const at = when(draft.at);
    note.querySelector("p").textContent = say(draft.number === page.number ? "draft_back" : "draft_back_behind", { at, number: page.number });
    note.hidden = false;
    mark();
  };
  note.querySelector("button")?.addEventListener("click", () => {
    const [design, name, variant] = JSON.parse(saved);
    store.change((next) => { Object.keys(next).forEach((one) => delete next[one]); Object.assign(next, design); });
    form.elements.name.value = name;
    form.elements.variant.value = variant;
    note.hidden = true;
    mark();
    keep();
  });

  window.addEventListener("beforeunload", (event) => { if (isDirty()) { keep(); event.preventDefault(); } });
  window.addEventListener("pagehide", keep);
  form.addEventListener("input", mark);
  store.listen((what) => { if (what === "design") mark(); });
  // A browser keeps for years: what is not a design as this page knows it stays out.
  const isDesign = (design) => design?.format === store.design.format && design.canvas?.width > 0 && design.canvas.height > 0
    && typeof design.background?.type === "string" && Array.isArray(design.layers)
    && design.layers.every((layer) => typeof layer?.id === "string" && layer.box?.length === 4);
  const draft = mayChange ? read() : null;
  if (isDesign(draft?.design) && JSON.stringify([draft.design, draft.name ?? page.name, draft.variant ?? page.variant]) !== saved) bringBack(draft);
  // A design that was new has got its own address.
  const rename = (name) => { clearTimeout(timer); localStorage.removeItem(key); key = `tenfold-design:${name}`; };
  window.designer.draft = { isDirty, print, touched, isSaved, rename };
})();
