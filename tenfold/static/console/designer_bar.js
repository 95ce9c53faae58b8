// The bar over the stage, started last: undo and redo, and which part a narrow window shows.
(() => {
  const { root, part, store, drawPanel } = window.designer;
  if (!root) return;
  const undo = part("undo");
  const redo = part("redo");
  const draw = () => {
    if (!undo) return;
    // Not `disabled`: the button that was just pressed would lose the focus.
    undo.setAttribute("aria-disabled", String(!store.canUndo));
    redo.setAttribute("aria-disabled", String(!store.canRedo));
  };
  undo?.addEventListener("click", () => window.designer.travel("undo"));
  redo?.addEventListener("click", () => window.designer.travel("redo"));
  part("whole")?.addEventListener("click", () => { store.choose(""); part("panel").scrollIntoView({ block: "nearest" }); });
  store.listen(draw);
  draw();
  drawPanel();
})();
