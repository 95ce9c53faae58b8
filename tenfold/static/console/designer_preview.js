// The picture on the stage is the server's: asked for a moment after the last change; the newest question wins.
(() => {
  const { root, page, part, say, ask, tell, store, announce, nameOf } = window.designer;
  if (!root) return;
  const DELAY_MS = 250;
  const AGAIN_MS = 4000;
  const stage = part("stage");
  const picture = part("picture");
  const told = part("preview-told");
  const look = { language: page.language, person: "usual", size: "full" };
  let timer;
  let running;

  const show = async (answer) => {
    const before = picture.src;
    picture.src = URL.createObjectURL(await answer.blob());
    picture.hidden = false;
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    const found = JSON.parse(answer.headers.get("Tenfold-Fits") || "{}");
    window.designer.showFits(found);
    problem("");
  };
  const problem = (text) => {
    told.querySelector("span").textContent = text;
    told.hidden = !text;
    stage.classList.toggle("is-stale", Boolean(text));
  };
  const flawed = (flaws) => {
    const first = flaws[0];
    const at = first.where.match(/^layers\.(\d+)/);
    const layer = at && store.design.layers[Number(at[1])];
    problem(layer ? `${nameOf(layer)}: ${first.message}` : first.message);
  };
  const draw = async () => {
    running?.abort();
    const mine = running = new AbortController();
    stage.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(page.addresses.preview, { design: store.written(), ...look }, mine.signal);
      if (mine === running) await show(answer);
    } catch (error) {
      if (mine !== running || error.name === "AbortError") return;
      if (error.kind === "flawed") flawed(error.answer.flaws);
      else problem(tell(error));
      // The server may be back in a moment: nobody should have to change something only to see it.
      if (error.kind === "offline" || error.kind === "server") timer = setTimeout(draw, AGAIN_MS);
    } finally {
      if (mine === running) stage.removeAttribute("aria-busy");
    }
  };
  const soon = (wait = DELAY_MS) => { clearTimeout(timer); timer = setTimeout(draw, wait); };

  part("look").addEventListener("change", (event) => {
    if (!(event.target.name in look)) return;
    look[event.target.name] = event.target.value;
    root.classList.toggle("is-chat", look.size === "chat");
    announce(say("looks_like", { what: event.target.selectedOptions?.[0].textContent ?? event.target.parentElement.textContent.trim() }));
    soon(0);
  });
  told.querySelector("button").addEventListener("click", () => soon(0));
  store.listen((what) => { if (what === "design") soon(); });
  window.designer.look = look;
  window.designer.redraw = () => soon(0);
  soon(0);
})();
