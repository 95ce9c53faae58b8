// The gate: the camera reads numbers into the form, the answer is felt and heard by those who wish, and a lost network
// loses no number. Without this file the form still works.
(() => {
  const gate = document.getElementById("gate");
  const form = document.getElementById("gate-form");
  if (!gate || !form) return;
  const byId = (id) => document.getElementById(id);
  const [reader, offline] = ["reader", "offline"].map(byId);
  const number = form.elements.number;

  // ---- what this phone remembers
  const remember = (key, value) => { try { localStorage.setItem(`gate-${key}`, value); } catch { /* private mode */ } };
  const recall = (key) => { try { return localStorage.getItem(`gate-${key}`) || ""; } catch { return ""; } };
  form.elements.gate.value ||= recall("name");
  form.elements.gate.addEventListener("input", () => remember("name", form.elements.gate.value));
  // A number without an answer outlives the page, with the name of its attempt.
  if (!number.value && recall("number")) {
    number.value = recall("number");
    form.elements.once.value = recall("key");
  }
  const switches = {};
  for (const button of gate.querySelectorAll("[data-switch]")) {
    const name = button.dataset.switch;
    button.hidden = name === "buzz" && !navigator.vibrate;
    const set = (isOn) => { switches[name] = isOn; button.setAttribute("aria-pressed", String(isOn)); };
    set(recall(name) === "on");
    button.addEventListener("click", () => { set(!switches[name]); remember(name, switches[name] ? "on" : ""); feel(true); });
  }

  // ---- heard and felt
  let audio = null;
  const tone = (pitch, from, length) => {
    const wave = audio.createOscillator();
    const volume = audio.createGain();
    wave.frequency.value = pitch;
    volume.gain.value = 0.2;
    wave.connect(volume).connect(audio.destination);
    wave.start(audio.currentTime + from);
    wave.stop(audio.currentTime + from + length);
  };
  const feel = (isGood) => {
    if (switches.buzz) navigator.vibrate?.(isGood ? 80 : [200, 100, 200]);
    if (!switches.sound) return;
    audio ||= new AudioContext();
    audio.resume();
    if (isGood) { tone(880, 0, 0.09); tone(1320, 0.1, 0.14); } else tone(180, 0, 0.45);
  };

  // ---- asking
  const freshKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  // The key names one attempt for one number: sent again after a lost answer it is the same attempt.
  let keyFor = number.value;
  const ask = (text) => {
    number.value = text;
    form.requestSubmit();
  };
  form.addEventListener("htmx:configRequest", (event) => {
    if (number.value !== keyFor) form.elements.once.value = freshKey();
    keyFor = number.value;
    event.detail.parameters.once = form.elements.once.value;
    reader.dataset.waits = "";
    remember("number", number.value);
    remember("key", form.elements.once.value);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    delete reader.dataset.waits;
    const isAnswered = event.detail.successful;
    offline.hidden = isAnswered || event.detail.xhr.status !== 0;
    if (!isAnswered) {
      byId("answer").replaceChildren();
      feel(false);
    }
  });
  const told = () => {
    const answer = gate.querySelector("[data-answer]");
    if (!answer) return;
    const isGood = answer.dataset.answer === "let_in";
    form.elements.once.value = answer.dataset.next;
    keyFor = "";
    remember("number", "");
    feel(isGood);
    if (isGood || "films" in reader.dataset) number.value = "";
    else number.select();
    answer.scrollIntoView({ block: "nearest" });
  };
  byId("answer").addEventListener("htmx:afterSwap", told);
  window.addEventListener("online", () => { if (!offline.hidden && number.value) form.requestSubmit(); });

  reader.addEventListener("code-seen", (event) => ask(event.detail));
  if (!matchMedia("(pointer: coarse)").matches) number.focus();
})();
