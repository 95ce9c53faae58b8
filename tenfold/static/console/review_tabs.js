// The tabs of the review: the one that is open is in sight on a phone, and their counts keep up.
(() => {
  const readCounts = () => {
    const source = document.getElementById("review-tab-counts");
    if (!source) return;
    Object.entries(JSON.parse(source.textContent)).forEach(([name, count]) => {
      const tab = document.querySelector(`[data-review-tab="${name}"]`);
      let badge = tab.querySelector(".tf-count");
      if (!count) { badge?.remove(); return; }
      if (!badge) { badge = document.createElement("b"); badge.className = "tf-count"; tab.append(badge); }
      badge.textContent = count;
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    const here = document.querySelector("[data-review-tab][aria-current]");
    const strip = here?.parentElement;
    if (strip) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  });
  document.addEventListener("htmx:afterSwap", readCounts);
})();
