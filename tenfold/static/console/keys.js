// Every action by keyboard: an element with data-key="n" or data-key="g l" is clicked (or, a field, focused) by
// these keys; "?" lists all that the page has. data-key-label names it there, else its text does. What a script of the
// page's own hears is listed by data-keys="X" beside what it is for.
(() => {
  const WAIT_MS = 1200;
  let first = "";
  let timer;

  const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const isSeen = (element) => element.closest("details.tf-menu") || element.getClientRects().length > 0;
  const find = (keys) => [...document.querySelectorAll("[data-key]")]
    .find((element) => element.dataset.key === keys && !element.disabled && isSeen(element));

  const act = (element) => {
    if (element.matches("input:not([type=checkbox]), textarea, select")) { element.focus(); element.select?.(); } else { element.click(); }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // Enter belongs to what has the focus: the page's own Enter is for when nothing has.
    if (event.key === "Enter" && event.target.closest("a[href], button, summary")) return;
    if (isTyping(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    if (document.querySelector("dialog[open]") && event.key !== "Escape") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pair = first ? `${first} ${key}` : key;
    first = "";
    clearTimeout(timer);
    const element = find(pair) || find(key);
    if (element) { event.preventDefault(); act(element); return; }
    if (key === "g") { first = key; timer = setTimeout(() => { first = ""; }, WAIT_MS); }
  });

  const list = () => {
    const rows = document.getElementById("keys-list");
    if (!rows) return;
    rows.replaceChildren();
    const seen = new Set();
    // What this page is for stands on top, the ways to other pages ("g l") below it.
    const leads = (element) => element.dataset.key?.startsWith("g ") ? 1 : 0;
    const all = [...document.querySelectorAll("[data-key], [data-keys]")].sort((one, other) => leads(one) - leads(other));
    all.forEach((element) => {
      const pressed = element.dataset.key || element.dataset.keys;
      if (seen.has(pressed) || !isSeen(element)) return;
      seen.add(pressed);
      const keys = document.createElement("dt");
      pressed.split(" ").forEach((key) => {
        const cap = document.createElement("kbd");
        cap.textContent = key.length === 1 ? key.toUpperCase() : key;
        keys.append(cap);
      });
      const label = document.createElement("dd");
      label.textContent = element.dataset.keyLabel || element.querySelector("span")?.textContent || element.firstChild?.textContent || element.getAttribute("aria-label") || "";
      rows.append(keys, label);
    });
  };
  document.addEventListener("click", (event) => { if (event.target.closest("[data-open=keys-help]")) list(); }, true);
})();
