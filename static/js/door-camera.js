// Codes by the camera of a phone or a tablet, where the browser finds them in a picture by itself.
// Elsewhere the button stays hidden, and a hand scanner or the name does.

const LOOK_MS = 200;
const SAME_CODE_MS = 4000; // so long a code may lie before the camera without being sent again

const button = document.getElementById("door-camera");
const video = document.getElementById("door-video");
const form = document.getElementById("door");
let last = { text: "", at: 0 };

async function start() {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.hidden = false;
  button.setAttribute("aria-pressed", "true");
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
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
  button.setAttribute("aria-pressed", "false");
}

function send(text) {
  const now = Date.now();
  const isSame = text === last.text && now - last.at < SAME_CODE_MS;
  last = { text, at: now };
  if (isSame) return;
  form.elements.text.value = text;
  form.requestSubmit();
}

if ("BarcodeDetector" in window && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (video.srcObject) stop();
    else start().catch(stop);
  });
}
