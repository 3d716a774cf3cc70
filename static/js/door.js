// A lane at the door: the box always listens, answers come in the order of the codes, large and
// with a sound, and the lane starts anew by itself. Without this file the form is sent as it is.

const RESET_MS = 8000;
const AGAIN_MS = [1000, 2000, 4000];
const TONES = { ok: [[880, 0.14]], warn: [[440, 0.12], [440, 0.12]], wrong: [[180, 0.5]] };

const form = document.getElementById("door");
const input = form.elements.text;
const answer = document.getElementById("door-answer");
const board = document.getElementById("door-board");
const switchOfSound = document.getElementById("door-sound");
let line = Promise.resolve();
let reset = 0;
let audio = null;

function show(content) {
  clearTimeout(reset);
  if (typeof content === "string") answer.innerHTML = content;
  else answer.replaceChildren(content);
}

const template = (name) => document.getElementById(name).content.cloneNode(true);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const hasSound = () => switchOfSound.getAttribute("aria-pressed") === "true";

function sound(kind) {
  if (!hasSound() || !TONES[kind]) return;
  audio ??= new AudioContext();
  audio.resume();
  let at = audio.currentTime;
  for (const [pitch, seconds] of TONES[kind]) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = pitch;
    volume.gain.value = 0.25;
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.06;
  }
}

// The number of a mark stays the same however often it is sent.
async function ask(body) {
  for (const wait of [...AGAIN_MS, null]) {
    try {
      const reply = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
      });
      if (reply.redirected || (reply.status >= 400 && reply.status < 500)) {
        location.reload(); // signed out, or no longer the clerk: the page says so
        return await new Promise(() => {});
      }
      if (reply.ok) return await reply.json();
    } catch {
      // No network: like an answer that did not come.
    }
    if (wait === null) return null;
    show(template("door-waiting"));
    await pause(wait);
  }
}

async function send(body) {
  const said = await ask(body);
  show(said ? said.answer : template("door-lost"));
  sound(said ? said.kind : "wrong");
  if (said) board.innerHTML = said.board;
  // A list waits until somebody is chosen.
  if (said?.kind !== "found") reset = setTimeout(() => show(template("door-idle")), RESET_MS);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = event.submitter?.name === "member" ? event.submitter : null;
  if (!chosen && !input.value.trim()) return;
  const body = new FormData(form);
  body.set("key", crypto.randomUUID());
  if (chosen) {
    body.set("member", chosen.value);
    body.delete("text");
  }
  input.value = "";
  input.focus();
  line = line.then(() => send(body));
});

// What a hand scanner types goes into the box, wherever somebody has clicked.
document.addEventListener("keydown", (event) => {
  const isSign = event.key.length === 1 && event.key !== " ";
  if (isSign && !event.ctrlKey && !event.metaKey && !event.altKey) input.focus();
});
window.addEventListener("focus", () => input.focus());

switchOfSound.addEventListener("click", () => {
  const isOn = !hasSound();
  switchOfSound.setAttribute("aria-pressed", String(isOn));
  localStorage.setItem("door-sound", isOn ? "on" : "off");
  input.focus();
});
if (localStorage.getItem("door-sound") === "off") switchOfSound.setAttribute("aria-pressed", "false");
switchOfSound.hidden = false;
input.focus();
