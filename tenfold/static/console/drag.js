// Rows of a list changed by dragging; the new order goes to the form that the list names. The buttons do the same.
(() => {
  const list = document.querySelector("[data-drag]");
  if (!list) return;
  let moving = null;
  let before = "";
  const order = () => [...list.children].map((row) => row.dataset.id).join();

  list.addEventListener("dragstart", (event) => {
    const row = event.target.closest("li[draggable]");
    // A text being selected in a field of the row is not the row being moved.
    if (!row || event.target !== row) return;
    moving = row;
    before = order();
    event.dataTransfer.effectAllowed = "move";
    requestAnimationFrame(() => row.classList.add("is-moving"));
  });
  list.addEventListener("dragover", (event) => {
    if (!moving) return;
    event.preventDefault();
    const over = event.target.closest("li[draggable]");
    if (!over || over === moving) return;
    const box = over.getBoundingClientRect();
    list.insertBefore(moving, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    moving?.classList.remove("is-moving");
    moving = null;
    if (order() === before) return;
    const form = document.getElementById(list.dataset.drag);
    [...list.children].forEach((row) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "ids", value: row.dataset.id });
      form.append(input);
    });
    form.requestSubmit();
  });
})();
