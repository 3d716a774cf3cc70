// Scans codes with the camera of a phone or tablet, if the browser can detect codes in an image.
// Otherwise the button stays hidden, and a hand scanner or the name is used.

const LOOK_MS = 200;
const SAME_CODE_MS = 4000; // the same code is sent again only after this time

const button = document.getElementById("door-camera");
const video = document.getElementById("door-video");
const form = document.getElementById("door");
const said = document.getElementById("door-camera-said");
let last = { text: "", at: 0 };

async function start() {
  said.replaceChildren();
  button.disabled = true; // a second press would start a second camera
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.hidden = false;
  button.disabled = false;
  button.setAttribute("aria-pressed", "true");
  while (video.srcObject) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) send(found.rawValue);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

function stop() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
  button.disabled = false;
  button.setAttribute("aria-pressed", "false");
}

function giveUp() {
  stop();
  said.replaceChildren(document.getElementById("door-no-camera").content.cloneNode(true));
}

function send(text) {
  const now = Date.now();
  const isSame = text === last.text && now - last.at < SAME_CODE_MS;
  last = { text, at: now };
  if (isSame) return;
  form.dispatchEvent(new CustomEvent("door:code", { detail: text }));
}

if ("BarcodeDetector" in window && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (video.srcObject) stop();
    else start().catch(giveUp);
  });
}
