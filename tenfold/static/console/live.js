// What every page that watches a campaign shares: morphing that leaves charts and opened tables alone, tab counts
// that keep up, and times that read "2 min ago".
(() => {
  if (window.Idiomorph) {
    Object.assign(Idiomorph.defaults.callbacks, {
      beforeNodeMorphed: (old) => !old.dataset || old.dataset.keep === undefined,
      beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
    });
  }

  const readCounts = () => {
    const source = document.getElementById("tab-counts");
    if (!source) return;
    Object.entries(JSON.parse(source.textContent)).forEach(([address, count]) => {
      const tab = [...document.querySelectorAll("[data-tabs] a")].find((link) => link.getAttribute("href") === address);
      if (!tab) return;
      let badge = tab.querySelector(".tf-count");
      if (!count) { badge?.remove(); return; }
      if (!badge) { badge = document.createElement("b"); badge.className = "tf-count"; tab.append(badge); }
      badge.textContent = count;
    });
  };

  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "narrow" });
  const ago = (moment) => {
    const seconds = Math.round((moment - Date.now()) / 1000);
    if (seconds > -60) return relative.format(Math.min(0, Math.ceil(seconds / 10) * 10), "second");
    if (seconds > -3600) return relative.format(Math.ceil(seconds / 60), "minute");
    if (seconds > -86400) return relative.format(Math.ceil(seconds / 3600), "hour");
    return relative.format(Math.ceil(seconds / 86400), "day");
  };
  const tellTimes = () => document.querySelectorAll("[data-ago]").forEach((element) => {
    element.textContent = ago(Date.parse(element.dataset.ago));
  });

  // afterSwap comes before the browser paints, afterSettle does not: nothing may flicker.
  const refresh = () => { readCounts(); tellTimes(); };
  document.addEventListener("DOMContentLoaded", refresh);
  document.addEventListener("htmx:afterSwap", refresh);
  setInterval(tellTimes, 10000);

  // A phone that slept has missed what happened: the stream does not replay, so ask once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") document.querySelectorAll("[data-live]").forEach((element) => htmx.trigger(element, "tenfold:again"));
  });
})();
