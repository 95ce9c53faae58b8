// The versions that were saved: who, when, and the way back to any of them, which is itself undone by one key.
(() => {
  const { root, page, part, make, say, ask, tell, store, announce, mayChange } = window.designer;
  if (!root) return;
  const list = part("versions");

  const goTo = async (address, number) => {
    try {
      const { design } = await (await ask(address)).json();
      store.change((now) => { Object.keys(now).forEach((name) => delete now[name]); Object.assign(now, design); });
      store.choose("");
      announce(say("went_back", { number }));
      part("versions-told").textContent = say("went_back", { number });
    } catch (error) {
      part("versions-told").textContent = tell(error);
    }
  };
  const line = (version) => make("li", {}, ...[
    make("div", {}, make("b", {}, say("version", { number: version.number })), make("small", {}, `${version.at} · ${version.who || say("nobody")}`)),
    // What the page began from is where one is.
    version.number === page.number ? null : make("button", {
      type: "button", class: "btn btn-sm", "aria-label": say(mayChange ? "go_back_to" : "look_at", { number: version.number }),
      onclick: () => goTo(version.address, version.number),
    }, say(mayChange ? "go_back" : "look_short"))].filter(Boolean));
  const downloads = () => {
    const menu = part("downloads");
    menu.hidden = !page.addresses.files;
    if (!page.addresses.files) return;
    menu.querySelectorAll("a[data-language]").forEach((link) => {
      link.href = page.addresses.files.replace("LANGUAGE", link.dataset.language).replace("KIND", link.dataset.kind);
    });
    part("download-note").textContent = say(window.designer.draft.isDirty() ? "download_as_saved" : "download_version", { number: page.number });
  };
  const show = (versions) => {
    page.versions = versions;
    list.replaceChildren(...versions.map(line));
    part("no-versions").hidden = versions.length > 0;
    downloads();
  };
  part("downloads").addEventListener("toggle", downloads);
  window.designer.versions = { show, goTo };
  show(page.versions);
})();
