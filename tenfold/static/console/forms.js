// Ctrl-S saves; leaving with something unsaved asks first (the one question we do ask: there is no undo for it);
// a form goes once, however often it is pressed.
(() => {
  const print = (form) => {
    const fields = [];
    new FormData(form).forEach((value, name) => {
      if (name !== "csrfmiddlewaretoken") fields.push([name, value instanceof File ? value.name : value]);
    });
    return JSON.stringify(fields);
  };
  const clean = new WeakMap();
  const guarded = () => [...document.querySelectorAll("form[data-guard]")];
  const isDirty = (form) => form.dataset.dirty === "1" || (clean.has(form) && clean.get(form) !== print(form));
  const mark = (form) => {
    const dirty = isDirty(form);
    form.classList.toggle("is-dirty", dirty);
  };

  const watch = () => guarded().forEach((form) => { if (!clean.has(form)) { clean.set(form, print(form)); mark(form); } });
  document.addEventListener("DOMContentLoaded", () => {
    // What came back refused is typed, but kept nowhere.
    guarded().forEach((form) => { if (form.querySelector(".is-invalid, [role=alert]")) form.dataset.dirty = "1"; });
    watch();
    document.querySelector(".is-invalid")?.focus();
  });
  document.addEventListener("htmx:afterSettle", watch);
  document.addEventListener("input", (event) => { const form = event.target.form; if (form?.matches("[data-guard]")) mark(form); });
  document.addEventListener("change", (event) => { const form = event.target.form; if (form?.matches("[data-guard]")) mark(form); });

  let leaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && guarded().some(isDirty)) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-post") || form.method === "dialog") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (form.matches("[data-guard]")) leaving = true;
  });
  // The page may come back from the browser's memory: then its forms must work again.
  window.addEventListener("pageshow", () => {
    leaving = false;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    const form = document.activeElement?.closest("form[data-save]") || guarded().find(isDirty) || document.querySelector("form[data-save]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save-button]") || undefined);
  });

  // A file that is chosen shows at once what it is, before it is sent.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.dataset.submit) return;
    if (input.files.length) input.form.requestSubmit();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
})();
