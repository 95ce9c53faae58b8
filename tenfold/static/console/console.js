// Menus that close, toasts that go, text that copies, tabs that scroll into view.
(() => {
  const TOAST_MS = 7000;

  const closeMenus = (but) => document.querySelectorAll("details.tf-menu[open]").forEach((menu) => {
    if (menu !== but) menu.open = false;
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.tf-menu"));
    const opener = event.target.closest("[data-open]");
    if (opener) { closeMenus(); document.getElementById(opener.dataset.open)?.showModal(); }
    const dialog = event.target.closest("dialog");
    if (dialog && event.target === dialog) dialog.close();
    event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.tf-menu[open]");
    if (event.key === "Escape" && menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // A toast waits while the pointer or the focus is on it: nobody should race it for the undo button.
  const arm = (toast) => {
    if (toast.dataset.armed) return;
    toast.dataset.armed = "1";
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), TOAST_MS); };
    const stop = () => clearTimeout(timer);
    toast.addEventListener("pointerenter", stop);
    toast.addEventListener("pointerleave", start);
    toast.addEventListener("focusin", stop);
    toast.addEventListener("focusout", start);
    if (!toast.classList.contains("is-bad")) start();
  };
  const armAll = () => document.querySelectorAll("[data-toast]").forEach(arm);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy || document.querySelector(button.dataset.copyFrom)?.textContent || "";
    try { await navigator.clipboard.writeText(text.trim()); } catch { copyOldWay(text.trim()); }
    button.classList.add("is-done");
    setTimeout(() => button.classList.remove("is-done"), 1500);
  });
  // The clipboard is only there on https and localhost; a console in a private network still has to copy.
  const copyOldWay = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  document.addEventListener("DOMContentLoaded", () => {
    armAll();
    const strip = document.querySelector("[data-tabs]");
    const here = strip?.querySelector("[aria-current]");
    if (here) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  });
  // What the server refuses to htmx says why in a toast; the page stays as it was.
  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    if (answer.getResponseHeader("HX-Redirect")) return;
    const page = new DOMParser().parseFromString(answer.responseText, "text/html");
    const said = page.querySelector("[data-refusal], h1, p")?.textContent.trim() || answer.statusText;
    const toast = document.createElement("div");
    toast.className = "tf-toast is-bad";
    toast.dataset.toast = "";
    toast.setAttribute("role", "alert");
    toast.textContent = said;
    document.getElementById("toasts").append(toast);
    toast.addEventListener("click", () => toast.remove());
  });
  document.addEventListener("htmx:afterSettle", armAll);
  document.addEventListener("htmx:oobAfterSwap", armAll);
})();
