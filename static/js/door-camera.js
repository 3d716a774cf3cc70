// @ts-check
// Scans codes with the camera of a phone or tablet. Where the browser itself detects no codes in an
// image, a decoder is loaded when the camera is started. Without a camera the page says so, and a
// hand scanner or the name is used.

import { copyOf, need, needId } from "./dom.js";

/** @typedef {{detect(source: HTMLVideoElement): Promise<{rawValue: string}[]>}} Detector */

const LOOK_MS = 200;
const SAME_CODE_MS = 4000; // the same code is sent again only after this time
const WIDEST = 640; // pixels; a larger picture costs a telephone time and shows the code no better

const button = need("#door-camera", HTMLButtonElement);
const video = need("#door-video", HTMLVideoElement);
const form = needId("door");
const said = needId("door-camera-said");
// What a browser may have, and what the decoder brings: neither is among the types of the DOM.
const browser = /** @type {any} */ (window);
let last = { text: "", at: 0 };

async function start() {
  said.replaceChildren();
  button.disabled = true; // a second press would start a second camera
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const detector = await makeDetector();
  video.hidden = false;
  await video.play(); // out of sight, below the fold of a phone, it does not begin by itself
  video.scrollIntoView({ block: "nearest" });
  button.disabled = false;
  button.setAttribute("aria-pressed", "true");
  while (video.srcObject) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) send(found.rawValue);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

/**
 * A browser may have the class and still read no QR codes, as Chromium on Linux.
 * @returns {Promise<Detector>}
 */
async function makeDetector() {
  const { BarcodeDetector } = browser;
  const own = BarcodeDetector ? await BarcodeDetector.getSupportedFormats?.() : [];
  if (!own || own.includes("qr_code")) return new BarcodeDetector({ formats: ["qr_code"] });
  await loadDecoder();
  return new Decoder();
}

/** @type {Promise<unknown> | null} */
let loading = null;

function loadDecoder() {
  loading ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = button.dataset.decoder ?? "";
    script.onload = done;
    script.onerror = () => {
      loading = null;
      fail(new Error("the decoder was not loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * The decoder of html5-qrcode behind the interface of BarcodeDetector.
 * @implements {Detector}
 */
class Decoder {
  constructor() {
    const { Html5Qrcode, Html5QrcodeSupportedFormats } = browser;
    const formatsToSupport = [Html5QrcodeSupportedFormats.QR_CODE];
    this.decoder = new Html5Qrcode(said.id, { formatsToSupport, verbose: false }).qrcode;
    this.canvas = document.createElement("canvas");
  }

  /** @param {HTMLVideoElement} source */
  async detect(source) {
    const scale = Math.min(1, WIDEST / source.videoWidth);
    this.canvas.width = source.videoWidth * scale;
    this.canvas.height = source.videoHeight * scale;
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(source, 0, 0, this.canvas.width, this.canvas.height);
    const found = await this.decoder.decodeAsync(this.canvas); // rejects where there is no code
    return [{ rawValue: found.text }];
  }
}

function stop() {
  const stream = /** @type {MediaStream | null} */ (video.srcObject);
  for (const track of stream?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
  button.disabled = false;
  button.setAttribute("aria-pressed", "false");
}

function giveUp() {
  stop();
  said.replaceChildren(copyOf("#door-no-camera"));
}

/** @param {string} text */
function send(text) {
  const now = Date.now();
  const isSame = text === last.text && now - last.at < SAME_CODE_MS;
  last = { text, at: now };
  if (isSame) return;
  form.dispatchEvent(new CustomEvent("door:code", { detail: text }));
}

if (navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (video.srcObject) stop();
    else start().catch(giveUp);
  });
} else needId("door-camera-cannot").hidden = false;
