// A camera that reads QR codes, for whichever form stands on the page: the element #reader tells `code-seen` with what it
// reads. While `data-waits` stands on it nothing new is told, and what is held before the camera was seen just now.
(() => {
  const root = document.getElementById("reader");
  if (!root) return;
  const byId = (id) => document.getElementById(id);
  const [video, camera, turnOn, turnOff, failure] =
    ["video", "camera", "camera-on", "camera-off", "camera-error"].map(byId);
  const SAME_MS = 5000; // a code held before the camera is told of once
  const EVERY_MS = 120;
  const LONGEST = 300;
  let stream = null;
  let reader = null;
  let last = { text: "", at: -Infinity };

  const complain = (why) => { failure.textContent = root.dataset[why]; failure.hidden = !why; };
  const makeReader = async () => {
    const native = window.BarcodeDetector;
    const formats = native ? await native.getSupportedFormats().catch(() => []) : [];
    if (formats.includes("qr_code")) return new native({ formats: ["qr_code"] });
    const { BarcodeDetector: Ours } = await import(root.dataset.decoder);
    return new Ours({ formats: ["qr_code"] });
  };
  const isWaiting = () => {
    if ("waits" in root.dataset) last = { ...last, at: performance.now() };
    return "waits" in root.dataset;
  };
  const look = async () => {
    if (!stream) return;
    if (!isWaiting() && video.readyState >= 2) {
      const [found] = await reader.detect(video).catch(() => []);
      const now = performance.now();
      if (found && stream && !isWaiting()) {
        const isSame = found.rawValue === last.text && now - last.at < SAME_MS;
        last = { text: found.rawValue, at: now };
        if (!isSame) root.dispatchEvent(new CustomEvent("code-seen", { detail: found.rawValue.slice(0, LONGEST) }));
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
    root.toggleAttribute("data-films", isOn);
    camera.hidden = turnOff.hidden = !isOn;
    turnOn.hidden = isOn;
  };
  turnOn.addEventListener("click", start);
  turnOff.addEventListener("click", stop);
  window.addEventListener("pagehide", stop);
  show(false);
})();
