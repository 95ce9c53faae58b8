// The poster is drawn by the server from what stands in the form, a moment after the last key.
(() => {
  const DELAY_MS = 400;
  const form = document.querySelector("form[data-poster]");
  if (!form) return;
  const timers = new Map();
  const rounds = new Map();

  const draw = async (side) => {
    const language = side.dataset.side;
    const round = (rounds.get(language) || 0) + 1;
    rounds.set(language, round);
    const body = new FormData();
    body.set("language", language);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    // Not FormData(form): somebody who may only look has the fields disabled, and they are left out of it.
    side.querySelectorAll("input[name], textarea[name]").forEach((field) => body.set(field.name, field.value));
    const picture = side.querySelector("[data-picture]");
    const wait = side.querySelector("[data-wait]");
    side.classList.add("is-drawing");
    try {
      const answer = await fetch(form.dataset.poster, { method: "POST", body, credentials: "same-origin" });
      if (rounds.get(language) !== round) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const before = picture.src;
      picture.src = URL.createObjectURL(await answer.blob());
      picture.hidden = false;
      wait.hidden = true;
      if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    } catch {
      if (!picture.src) wait.textContent = "–";
    } finally {
      if (rounds.get(language) === round) side.classList.remove("is-drawing");
    }
  };
  document.querySelectorAll("[data-side]").forEach((side) => {
    draw(side);
    side.addEventListener("input", () => {
      clearTimeout(timers.get(side));
      timers.set(side, setTimeout(() => draw(side), DELAY_MS));
    });
  });
})();
