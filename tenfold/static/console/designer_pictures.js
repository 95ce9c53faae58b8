// Pictures: chosen on this machine, sent to the server, which cleans them; a design names them by their digest.
(() => {
  const { root, page, part, say, ask, tell } = window.designer;
  if (!root) return;
  const input = part("file");
  const known = new Map(Object.entries(page.pictures));
  let taken = null;
  let left = null;

  const choose = (take, leave = null) => { taken = take; left = leave; input.value = ""; input.click(); };
  const told = (text, isBad) => {
    const line = part("upload-told");
    line.textContent = text;
    line.classList.toggle("tf-bad", Boolean(isBad));
    line.hidden = !text;
  };
  input?.addEventListener("cancel", () => left?.());
  input?.addEventListener("change", async () => {
    const file = input.files[0];
    const [take, leave] = [taken, left];
    if (!file || !take) return;
    if (file.size > page.limits.bytes) { told(say("picture_too_large", { name: file.name }), true); leave?.(); return; }
    told(say("uploading", { name: file.name }));
    try {
      const kept = await (await ask(page.addresses.upload, { picture: file })).json();
      known.set(kept.sha256, kept.address);
      told("");
      take(kept.sha256);
    } catch (error) {
      told(`${file.name}: ${tell(error)}`, true);
      leave?.();
    }
  });
  window.designer.pictures = { choose, address: (sha256) => known.get(sha256) || "" };
})();
