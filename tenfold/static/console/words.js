// A click on a variable puts it where the cursor was last in that moment's texts.
(() => {
  let last = null;
  document.addEventListener("focusin", (event) => { if (event.target.matches(".tf-say textarea")) last = event.target; });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-insert]");
    if (!chip) return;
    const moment = chip.closest("[data-moment]");
    const area = last && moment.contains(last) ? last : moment.querySelector("textarea");
    const name = `{${chip.dataset.insert}}`;
    area.focus();
    area.setRangeText(name, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
