// The screenshot on the desk: what was found is drawn over it and can be put aside, and one looks closer by key,
// wheel or thumb. Numbers keep their size however close one looks.
(() => {
  const KEPT = "tf-marks"; // in this browser: who works without the shapes does so all night
  const BADGE = 20; // units of its drawing that a number is wide
  const ACROSS = 14;

  const box = (svg) => svg.getAttribute("viewBox").split(" ").map(Number);
  const show = (svg, view) => {
    svg.setAttribute("viewBox", view.map((number) => Math.round(number * 10) / 10).join(" "));
    const scale = Math.max(view[2], view[3] / 2) / ACROSS / BADGE;
    svg.querySelectorAll("[data-badge]").forEach((badge) => badge.setAttribute("transform", `translate(${badge.dataset.badge}) scale(${scale})`));
  };
  const whole = (svg) => { const image = svg.querySelector("image"); return [0, 0, Number(image.getAttribute("width")), Number(image.getAttribute("height"))]; };

  const closer = () => {
    const svg = document.querySelector("[data-views]");
    if (!svg) return;
    const views = svg.dataset.views.split("|");
    const at = (Number(svg.dataset.at || 0) + 1) % views.length;
    svg.dataset.at = at;
    show(svg, views[at].split(" ").map(Number));
  };

  const applyMarks = () => {
    const isOff = localStorage.getItem(KEPT) === "off";
    document.documentElement.classList.toggle("tr-no-marks", isOff);
    document.querySelector("[data-marks]")?.setAttribute("aria-pressed", String(!isOff));
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-marks]")) {
      localStorage.setItem(KEPT, localStorage.getItem(KEPT) === "off" ? "on" : "off");
      applyMarks();
    }
    if (event.target.closest("[data-closer]")) closer();
  });

  // A finding under the pointer, or with the focus, lights up in the picture.
  const light = (event, isOn) => {
    const line = event.target.closest?.("[data-for]");
    if (line) document.querySelectorAll(`[data-mark="${line.dataset.for}"]`).forEach((mark) => mark.classList.toggle("is-lit", isOn));
  };
  document.addEventListener("pointerover", (event) => light(event, true));
  document.addEventListener("pointerout", (event) => light(event, false));
  document.addEventListener("focusin", (event) => light(event, true));
  document.addEventListener("focusout", (event) => light(event, false));

  // The point under the pointer stays where it is.
  const zoom = (svg, event, by) => {
    const [x, y, width, height] = box(svg);
    const all = whole(svg);
    const scale = Math.min(1, Math.max(0.04, (width / all[2]) * by)) / (width / all[2]);
    const there = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    if (width * scale >= all[2]) { show(svg, all); return; }
    show(svg, [there.x - (there.x - x) * scale, there.y - (there.y - y) * scale, width * scale, height * scale]);
  };
  document.addEventListener("wheel", (event) => {
    const svg = event.target.closest?.(".tr-shot");
    if (!svg) return;
    event.preventDefault();
    zoom(svg, event, event.deltaY < 0 ? 0.8 : 1.25);
  }, { passive: false });

  let held = null;
  document.addEventListener("pointerdown", (event) => {
    const svg = event.target.closest?.(".tr-shot");
    if (!svg || event.button) return;
    const view = box(svg);
    if (view[2] < whole(svg)[2] - 1) held = { svg, x: event.clientX, y: event.clientY, view, unit: 1 / svg.getScreenCTM().a };
  });
  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y, width, height] = held.view;
    show(held.svg, [x - (event.clientX - held.x) * held.unit, y - (event.clientY - held.y) * held.unit, width, height]);
  });
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, () => { held = null; }));
  document.addEventListener("dblclick", (event) => {
    const svg = event.target.closest?.(".tr-shot");
    if (svg) show(svg, whole(svg));
  });

  document.addEventListener("DOMContentLoaded", applyMarks);
  document.addEventListener("htmx:afterSwap", applyMarks);
  document.addEventListener("tenfold:renewed", applyMarks);
})();
