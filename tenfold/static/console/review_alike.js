// Similar cases: arrow keys move between the pictures, X leaves one out, and the button says how many remain.
(() => {
  const form = document.getElementById("alike");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=proof]")];

  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    form.querySelectorAll("[data-chosen]").forEach((place) => { place.textContent = count; });
    form.querySelectorAll(".tr-verdict button").forEach((button) => { button.disabled = count === 0; });
  };
  const across = () => {
    const tops = boxes.map((box) => box.closest("li").getBoundingClientRect().top);
    return Math.max(1, tops.filter((top) => Math.abs(top - tops[0]) < 2).length);
  };
  const steps = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -across(), ArrowDown: () => across() };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const at = boxes.indexOf(document.activeElement);
    if (steps[event.key]) {
      const next = at < 0 ? 0 : Math.min(boxes.length - 1, Math.max(0, at + steps[event.key]()));
      boxes[next].focus();
      boxes[next].closest("li").scrollIntoView({ block: "nearest" });
      event.preventDefault();
    }
    if (event.key.toLowerCase() === "x" && at >= 0) { boxes[at].click(); event.preventDefault(); }
    if (event.key === "Escape") form.querySelector("#reject").open = false;
  });
  // A key held down, or pressed while the page is still being drawn, must not judge pictures that nobody has seen.
  const SEEN_MS = 400;
  const shownAt = performance.now();
  form.addEventListener("submit", (event) => { if (performance.now() - shownAt < SEEN_MS) { event.preventDefault(); event.stopImmediatePropagation(); } }, true);
  document.addEventListener("keydown", (event) => { if (event.repeat && ["a", "y"].includes(event.key.toLowerCase())) { event.preventDefault(); event.stopImmediatePropagation(); } }, true);
  form.addEventListener("change", tell);
  tell();
})();
