// The review desk: a verdict only ever hits the screenshot that was seen.
(() => {
  const SEEN_MS = 250;
  let shownAt = 0;

  // A key held down must not approve the whole queue, and a second press must not hit the one that has just come.
  document.addEventListener("keydown", (event) => {
    if (event.repeat && !event.target.closest("input, textarea")) { event.preventDefault(); event.stopImmediatePropagation(); }
    const panel = document.getElementById("reject");
    if (event.key === "Escape" && panel?.open) { panel.open = false; panel.querySelector("summary").focus(); }
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.dataset.verdict === undefined) return;
    if (performance.now() - shownAt < SEEN_MS) { event.preventDefault(); return; }
    // U takes back the latest verdict: older toasts make room.
    document.querySelectorAll("[data-toast]").forEach((toast) => toast.remove());
  });

  // What lies on the desk stays ours while somebody is at it, and is free again soon after they have gone.
  const HOLD_MS = 60_000;
  const AWAY_MS = 240_000;
  let actedAt = performance.now();
  ["pointermove", "keydown", "wheel", "touchstart"].forEach((name) => document.addEventListener(name, () => { actedAt = performance.now(); }, { passive: true }));
  setInterval(() => {
    const hold = document.getElementById("desk")?.dataset.hold;
    if (hold && document.visibilityState === "visible" && performance.now() - actedAt < AWAY_MS) htmx.ajax("POST", hold, { swap: "none" });
  }, HOLD_MS);

  // What has been judged by somebody else, or lies on another desk by now, stays to be read, without a key that judges.
  document.addEventListener("htmx:configRequest", (event) => {
    const desk = document.getElementById("desk");
    if (event.target.id === "review-count" && desk?.dataset.hold) event.detail.parameters.on_desk = desk.dataset.desk;
  });
  document.addEventListener("tenfold:taken", (event) => {
    const id = event.detail.desk;
    if (document.getElementById("desk")?.dataset.desk === id) htmx.ajax("GET", `?proof=${id}&taken=1`, { target: "#desk", swap: "outerHTML" });
  });

  // What the machine finds while the case lies here is put beside it: picture and evidence are renewed, the verdict,
  // and what is being typed there, stays as it is.
  const LOOK_MS = 2000;
  const LOOKS = 10;
  let looks = 0;
  let lookedFor = "";
  const below = (desk) => {
    const all = [...desk.querySelectorAll(".tr-file > *")];
    return all.slice(all.findIndex((each) => each.matches(".tr-verdict")) + 1);
  };
  const renew = (desk, fresh) => {
    const focus = document.activeElement;
    const parts = [desk.querySelector(".tr-board"), ...below(desk)];
    if (focus !== desk && parts.some((part) => part.contains(focus))) return;
    parts[0].replaceWith(fresh.querySelector(".tr-board"));
    parts.slice(1).forEach((part) => part.remove());
    desk.querySelector(".tr-file").append(...below(fresh));
    delete desk.dataset.unlooked;
    htmx.process(desk);
    document.dispatchEvent(new Event("tenfold:renewed"));
  };
  setInterval(async () => {
    const id = document.querySelector("#desk[data-unlooked]")?.dataset.desk;
    if (!id || document.visibilityState !== "visible") return;
    if (lookedFor !== id) { lookedFor = id; looks = 0; }
    if (looks >= LOOKS) return;
    looks += 1;
    const answer = await fetch(`?proof=${id}`, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("desk");
    const desk = document.querySelector("#desk[data-unlooked]");
    if (desk?.dataset.desk === id && fresh?.dataset.desk === id && fresh.dataset.hold && fresh.dataset.unlooked === undefined) renew(desk, fresh);
  }, LOOK_MS);

  document.addEventListener("htmx:afterSwap", (event) => {
    const desk = document.getElementById("desk");
    if (event.detail.target.id === "desk" || event.detail.elt?.id === "desk") {
      shownAt = performance.now();
      desk.focus({ preventScroll: true });
      if (desk.getBoundingClientRect().top < 0) desk.scrollIntoView();
      const address = desk.dataset.desk ? `?proof=${desk.dataset.desk}` : window.location.pathname;
      window.history.replaceState(window.history.state, "", address);
    }
    const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting || 0);
    if (waiting && desk && !desk.dataset.desk) document.body.dispatchEvent(new Event("tenfold:waiting"));
  });
})();
