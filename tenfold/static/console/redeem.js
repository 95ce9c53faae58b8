// The counter: the camera reads the number on a participant's page into the form, which looks it up.
(() => {
  const reader = document.getElementById("reader");
  const number = document.getElementById("number");
  if (!reader || !number) return;
  reader.addEventListener("code-seen", (event) => {
    reader.dataset.waits = "";
    number.value = event.detail.slice(0, number.maxLength);
    number.form.requestSubmit();
  });
})();
