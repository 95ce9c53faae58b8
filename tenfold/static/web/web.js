// What a phone can do beyond plain pages. Every page works without this file.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (navigator.share) root.classList.add("can-share");

  const copied = (button) => {
    const before = button.innerHTML;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.innerHTML = before; }, 1600);
  };

  const copyByHand = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    return isDone;
  };

  // The clipboard's own interface needs TLS; phones on a plain address still have the old way.
  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      copied(button);
    } catch {
      if (copyByHand(button.dataset.copy)) copied(button);
      else window.prompt("", button.dataset.copy);
    }
  };

  const share = async (button) => {
    const { title, url, picture } = button.dataset;
    try {
      const blob = await (await fetch(picture)).blob();
      const files = [new File([blob], "poster.jpg", { type: blob.type })];
      await navigator.share(navigator.canShare?.({ files }) ? { files, title } : { title, url });
    } catch { /* closed without sharing */ }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy],[data-picture]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.copy) copy(button); else share(button);
  });

  // A random mark of this phone, kept by it alone, so that nobody is counted twice. Where it keeps nothing, there is none.
  const device = document.querySelector("[data-device]");
  if (device) {
    try {
      const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      device.value = localStorage.getItem("tf_device") ?? made;
      localStorage.setItem("tf_device", device.value);
    } catch { /* a private window, or a phone that forbids it */ }
  }

  const unalert = () => document.getElementById("alert")?.replaceChildren();
  const isSending = (event) => (event.detail.requestConfig?.verb ?? "get") !== "get";

  // What is about to be sent, small. The piece of the page comes anew now and then: then it is shown again.
  const preview = (input) => {
    const shown = input.form?.id === "proof-form" ? input.form.querySelector(".chosen") : null;
    if (!shown) return;
    const file = input.checkValidity() ? input.files[0] : null;
    const image = shown.querySelector("img");
    if (image.src) URL.revokeObjectURL(image.src);
    shown.hidden = !file;
    shown.querySelector("span").textContent = file ? file.name : "";
    if (file) image.src = URL.createObjectURL(file);
    else image.removeAttribute("src");
  };

  // A file that the server would refuse is told of before it is sent; what was wrong with the one before is over.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.dataset.limit) return;
    unalert();
    const file = input.files[0];
    const isTooLarge = Boolean(file) && file.size > Number(input.dataset.limit);
    input.setCustomValidity(isTooLarge ? input.dataset.tooLarge : "");
    if (isTooLarge) input.reportValidity();
    preview(input);
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector?.("progress");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = event.detail.loaded / event.detail.total;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const bar = event.target.querySelector?.("progress");
    if (bar) bar.hidden = true;
  });
  // What comes next stands on top of the page.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "me" && event.detail.requestConfig?.verb === "post") scrollTo({ top: 0, behavior: "smooth" });
    const input = document.querySelector("#proof-form input[type=file]");
    if (input) preview(input);
  });
  document.addEventListener("htmx:beforeRequest", (event) => { if (isSending(event)) unalert(); });

  // The page comes anew by itself while somebody writes on it or has something open: both stay. Not so after sending.
  let isSent = false;
  document.addEventListener("htmx:beforeSwap", (event) => { isSent = isSending(event); });
  const isWritten = (field) => {
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
    if (!field.matches?.("input, textarea") || field.type === "hidden") return false;
    if ("kept" in field.dataset) return true; // typed, and refused: the page that comes anew knows nothing of it
    return ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  };
  document.addEventListener("DOMContentLoaded", () => {
    if (!window.Idiomorph) return;
    Object.assign(Idiomorph.defaults.callbacks, {
      beforeNodeMorphed: (old) => isSent || !isWritten(old),
      beforeAttributeUpdated: (name, node) => isSent || !(name === "open" && node.tagName === "DETAILS"),
    });
  });

  // No answer at all: what is chosen or written stays, to be sent again.
  const unsent = (event) => {
    const alert = document.getElementById("alert");
    if (!alert || !isSending(event)) return;
    const note = document.createElement("p");
    note.className = "note bad";
    note.setAttribute("role", "alert");
    note.textContent = document.body.dataset.unsent;
    alert.replaceChildren(note);
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, unsent);

  // What was typed into a long form is there again after going back, in this tab alone. It is gone when the page the form
  // belongs to (`data-draft`) comes without it: sent, or not asked for any more. Other pages know nothing of it.
  const DRAFT = "draft:";
  const fieldsOf = (form) => [...form.querySelectorAll("input:not([type=hidden]), textarea")];
  const drafts = (act) => { try { act(sessionStorage); } catch { /* kept nowhere, where nothing may be kept */ } };
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !("draft" in form.dataset)) return;
    const typed = Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));
    drafts((kept) => kept.setItem(DRAFT + form.action, JSON.stringify({ page: form.dataset.draft, typed })));
  });
  window.addEventListener("pageshow", () => drafts((kept) => {
    const forms = [...document.querySelectorAll("form[data-draft]")];
    for (const key of Object.keys(kept).filter((name) => name.startsWith(DRAFT))) {
      const { page, typed } = JSON.parse(kept.getItem(key));
      const form = forms.find((each) => DRAFT + each.action === key);
      if (form) for (const field of fieldsOf(form)) field.value ||= typed[field.name] ?? "";
      else if (document.getElementById("me") && location.pathname === page) kept.removeItem(key);
    }
  }));

  // Plain forms: a second tap while the first is under way would only wait.
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("hx-post")) return;
    for (const button of event.target.querySelectorAll("button")) setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form button[disabled]")) button.disabled = false;
  });
})();
