// Saving a version. Whatever goes wrong, nothing typed is lost: the draft stays, and the reason is told.
(() => {
  const { root, page, part, say, ask, tell, make, store, draft, showChecks } = window.designer;
  if (!root || !window.designer.mayChange) return;
  const TOAST_MS = 7000;
  const form = part("form");
  const told = part("save-told");
  const button = form.querySelector("[data-save-button]");

  const note = (text, kind = "", ...more) => {
    told.className = `tf-note${kind ? ` is-${kind}` : ""}`;
    told.replaceChildren(make("div", {}, make("p", {}, text), ...more));
    told.hidden = !text;
    if (text) told.scrollIntoView({ block: "nearest" });
  };
  // What went well is said in passing: nobody should be moved from where they work for it.
  const toast = (text) => {
    const element = make("div", { class: "tf-toast", role: "status", "data-toast": "" }, text);
    document.getElementById("toasts").replaceChildren(element);
    setTimeout(() => element.remove(), TOAST_MS);
  };
  const act = (label, does) => make("button", { type: "button", class: "btn btn-sm", onclick: does }, label);
  const conflict = (newest) => note(say("conflict", newest), "", make("p", { class: "td-acts" },
    act(say("save_after_all", { number: newest.number + 1 }), () => { page.number = newest.number; save(); }),
    act(say("take_theirs", newest), () => { page.number = newest.number; note(""); window.designer.versions.goTo(newest.address, newest.number); })));
  const lost = () => note(say("login"), "bad", make("p", { class: "td-acts" },
    make("a", { class: "btn btn-sm", href: page.addresses.login, target: "_blank", rel: "noopener" }, say("log_in_again")), act(say("save_again"), () => save())));

  const failed = (error) => {
    if (error.kind === "design_moved") conflict(error.answer.newest);
    else if (error.kind === "login") lost();
    else if (error.answer?.checks) { note(error.answer.message, "bad"); showChecks(error.answer.checks, { isOpen: true }); }
    else if (error.answer?.flaws) note(error.answer.flaws.map((one) => one.message).join(" "), "bad");
    else note(`${tell(error)} ${say("kept_here")}`, "bad", make("p", { class: "td-acts" }, act(say("save_again"), () => save())));
  };
  const succeeded = (answer, sent) => {
    if (!page.id) {
      history.replaceState(null, "", answer.address);
      draft.rename(answer.draft);
    }
    const [design, ...typed] = JSON.parse(sent);
    ["name", "variant"].forEach((field, at) => {
      if (form.elements[field].value === typed[at]) form.elements[field].value = answer[field];
    });
    Object.assign(page, { id: answer.id, number: answer.number, name: answer.name, variant: answer.variant, live: answer.live });
    Object.assign(page.addresses, answer.addresses);
    draft.isSaved(JSON.stringify([design, answer.name, answer.variant]));
    tellLive();
    showChecks(answer.checks);
    window.designer.versions.show(answer.versions);
    toast(answer.message);
  };
  // Whose poster changes at once, before it does.
  const tellLive = () => {
    const line = part("live");
    const text = page.live?.[form.elements.variant.value] ?? "";
    line.querySelector("span").textContent = text;
    line.hidden = !text;
  };
  form.elements.variant.addEventListener("change", tellLive);
  tellLive();
  // The same try, sent again because its answer was lost, is kept once; crypto.randomUUID is there on https alone.
  let attempt = {};
  const keyOf = (sent) => {
    if (attempt.sent !== sent || attempt.number !== page.number) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      attempt = { sent, number: page.number, key: [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("") };
    }
    return attempt.key;
  };
  const save = async () => {
    if (button.disabled) return;
    document.activeElement?.matches("input[type=number]") && document.activeElement.blur();
    button.disabled = true;
    note("");
    root.classList.add("is-saving");
    const sent = draft.print();
    const fields = { design: store.written(), ...draft.touched(), design_id: page.id, once: page.once, version_id: keyOf(sent), number: page.number };
    try {
      succeeded(await (await ask(page.addresses.save, fields)).json(), sent);
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
      root.classList.remove("is-saving");
    }
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
})();
