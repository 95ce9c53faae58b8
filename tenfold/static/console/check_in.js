// The gate: the camera reads numbers into the form, the answer is felt and heard by those who wish, and a lost network
// loses no number. Without this file the form still works.
(() => {
  const gate = document.getElementById("gate");
  const form = document.getElementById("gate-form");
  if (!gate || !form) return;
  const byId = (id) => document.getElementById(id);
  const [video, camera, turnOn, turnOff, failure, offline] =
    ["video", "camera", "camera-on", "camera-off", "camera-error", "offline"].map(byId);
  const number = form.elements.number;
  const SAME_MS = 5000; // a ticket held before the camera is asked about once
  const EVERY_MS = 120;
  let stream = null;
  let reader = null;
  let last = { text: "", at: -Infinity };
  let isAsking = false;

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
    isAsking = true;
    remember("number", number.value);
    remember("key", form.elements.once.value);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    isAsking = false;
    last = { ...last, at: performance.now() };
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
    if (isGood || stream) number.value = "";
    else number.select();
    answer.scrollIntoView({ block: "nearest" });
  };
  byId("answer").addEventListener("htmx:afterSwap", told);
  window.addEventListener("online", () => { if (!offline.hidden && number.value) form.requestSubmit(); });

  // ---- the camera
  const complain = (why) => { failure.textContent = gate.dataset[why]; failure.hidden = !why; };
  const makeReader = async () => {
    const native = window.BarcodeDetector;
    const formats = native ? await native.getSupportedFormats().catch(() => []) : [];
    if (formats.includes("qr_code")) return new native({ formats: ["qr_code"] });
    const { BarcodeDetector: Ours } = await import(gate.dataset.decoder);
    return new Ours({ formats: ["qr_code"] });
  };
  const look = async () => {
    if (!stream) return;
    if (!isAsking && video.readyState >= 2) {
      const [found] = await reader.detect(video).catch(() => []);
      const now = performance.now();
      if (found && stream && !isAsking) {
        const isSame = found.rawValue === last.text && now - last.at < SAME_MS;
        last = { text: found.rawValue, at: now };
        if (!isSame) ask(found.rawValue.slice(0, 300));
      }
    }
    setTimeout(look, EVERY_MS);
  };
  const start = async () => {
    complain("");
    if (!navigator.mediaDevices?.getUserMedia) return complain(window.isSecureContext ? "none" : "insecure");
    try {
      reader ||= await makeReader();
    } catch {
      return complain("broken");
    }
    try {
      const wish = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 1280 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    } catch (error) {
      return complain(error.name === "NotAllowedError" ? "refused" : "none");
    }
    video.srcObject = stream;
    show(true);
    await video.play().catch(() => {});
    navigator.wakeLock?.request("screen").catch(() => {});
    look();
  };
  const stop = () => {
    for (const track of stream?.getTracks() || []) track.stop();
    stream = video.srcObject = null;
    show(false);
  };
  const show = (isOn) => {
    camera.hidden = turnOff.hidden = !isOn;
    turnOn.hidden = isOn;
  };
  turnOn.addEventListener("click", start);
  turnOff.addEventListener("click", stop);
  window.addEventListener("pagehide", stop);
  show(false);
  if (!matchMedia("(pointer: coarse)").matches) number.focus();
})();
