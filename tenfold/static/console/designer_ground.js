// What the parts of the designer stand on: what the page was sent, its texts, elements, and the server's answers.
window.designer = (() => {
  const root = document.querySelector("[data-designer]");
  const page = root ? JSON.parse(document.getElementById("designer-page").textContent) : {};

  // A text of the page with its `%(name)s` filled in; the texts come from the server, in the reader's language.
  const say = (name, about = {}) => (page.texts[name] ?? name).replace(/%\((\w+)\)s/g, (_all, part) => about[part] ?? "");

  const make = (tag, given = {}, ...inside) => {
    const element = document.createElement(tag);
    Object.entries(given).forEach(([name, value]) => {
      if (value === false || value === null || value === undefined) return;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name in element && typeof value !== "string") element[name] = value;
      else element.setAttribute(name, value === true ? "" : value);
    });
    element.append(...inside.filter((one) => one !== null && one !== undefined));
    return element;
  };
  const icon = (name) => {
    const drawn = document.getElementById("designer-icons").content.querySelector(`[data-icon="${name}"] svg`);
    return drawn ? drawn.cloneNode(true) : make("span", { class: `td-glyph is-${name}`, "aria-hidden": "true" });
  };
  const part = (name) => root.querySelector(`[data-part="${name}"]`);

  // A new log-in, perhaps in another tab, changes the token: it is read each time.
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

  class Refused extends Error {
    constructor(kind, answer = {}) { super(answer.message || kind); Object.assign(this, { kind, answer }); }
  }
  // Resolves to the response; rejects as Refused with kind "offline", "login", or the server's own code.
  const ask = async (address, fields, signal) => {
    const headers = { "HX-Request": "true", "X-CSRFToken": token() };
    let body;
    if (fields) {
      body = new FormData();
      Object.entries(fields).forEach(([name, value]) => body.set(name, value));
    }
    let response;
    try {
      response = await fetch(address, { method: body ? "POST" : "GET", body, headers, signal, credentials: "same-origin" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refused("offline");
    }
    if (response.ok) return response;
    if (response.status === 401) throw new Refused("login");
    const answer = await response.json().catch(() => ({}));
    throw new Refused(answer.code || (response.status === 403 ? "login" : "server"), answer);
  };
  // What to tell a person about a request that failed.
  const tell = (error) => {
    if (!(error instanceof Refused)) return say("server");
    if (error.kind === "offline" || error.kind === "login") return say(error.kind);
    return error.answer.message || say("server");
  };

  const speaker = root && part("speaker");
  let spoken;
  const announce = (text) => {
    clearTimeout(spoken);
    spoken = setTimeout(() => { speaker.textContent = text; }, 150);
  };
  return { root, page, say, make, icon, part, ask, tell, announce, mayChange: Boolean(page.may_change) };
})();
