// A lane at the door: the box always listens, answers come in the order of the codes, large and
// with a sound, and the lane starts anew by itself. Without network it keeps what was scanned and
// sends it later. Without this file the form is sent as it is.

const SHOWN_MS = 8000; // so long an answer stands where none follows
const HELD_MS = 4000; // and so long one that is not green, before the next takes its place
const PAST_SHOWN = 6;
const PATIENCE_MS = 10_000;
const AGAIN_MS = [1000, 2000, 4000];
const TONES = { ok: [[880, 0.14]], warn: [[440, 0.12], [440, 0.12]], wrong: [[180, 0.5]] };

const form = document.getElementById("door");
const input = form.elements.text;
const answer = document.getElementById("door-answer");
const board = document.getElementById("door-board");
const past = document.getElementById("door-past");
const waits = document.getElementById("door-waits");
const seen = document.getElementById("door-seen");
const switchOfSound = document.getElementById("door-sound");
let audio = null;

const template = (name) => document.getElementById(name).content.cloneNode(true);
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

// Answers -------------------------------------------------------------------------------------
// One that is not green stands until somebody has seen it or its time is over. What is answered
// meanwhile stands among the last answers; of those the next that is not green follows, else the
// newest.

let toShow = [];
let timer = 0;
let isHeld = false;

function next() {
  clearTimeout(timer);
  isHeld = false;
  seen.hidden = true;
  const grave = toShow.findIndex((one) => one.kind !== "ok");
  const [said] = toShow.splice(0, grave < 0 ? toShow.length : grave + 1).slice(-1);
  if (!said) {
    answer.replaceChildren(template(queue.length && isCut ? "door-kept" : "door-idle"));
    return;
  }
  answer.innerHTML = said.answer;
  if (said.kind === "found") return; // a list waits until somebody is chosen
  isHeld = said.kind === "warn" || said.kind === "wrong";
  seen.hidden = !isHeld;
  timer = setTimeout(isHeld ? release : next, isHeld ? HELD_MS : SHOWN_MS);
}

// Others may take the place of the answer now; it stands on while there are none.
function release() {
  isHeld = false;
  if (toShow.length) next();
  else timer = setTimeout(next, SHOWN_MS - HELD_MS);
}

function tell(said) {
  sound(said.kind);
  board.innerHTML = said.board;
  document.getElementById("door-idle").innerHTML = said.idle;
  for (const element of form.querySelectorAll("#door-text, .btn")) element.disabled = said.shut;
  // Whoever looks for a name wants the list, and nothing else first.
  if (said.kind === "found") {
    isHeld = false;
    toShow = [];
  } else if (said.kind) {
    const list = past.querySelector("ol");
    list.insertAdjacentHTML("afterbegin", said.line);
    while (list.children.length > PAST_SHOWN) list.lastElementChild.remove();
    past.hidden = false;
  }
  toShow.push(said);
  if (!isHeld) next();
}

// Sending -------------------------------------------------------------------------------------
// queue: {body, at}. It leaves the queue when it is answered; `at` is told by a clock that nobody
// sets. The number of a mark stays the same however often it is sent.

const queue = [];
let isCut = false; // no network, or no answer
let isSending = false;
let tries = 0;

function showWaiting() {
  const shown = isCut && queue.length ? template("door-waiting") : "";
  if (shown) {
    const text = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
    while (text.nextNode()) {
      text.currentNode.data = text.currentNode.data.replace("{n}", queue.length);
    }
  }
  waits.replaceChildren(shown);
  if (isCut && !toShow.length && answer.querySelector(".door-idle")) next();
}

async function ask({ body, at }) {
  if (!navigator.onLine) return null;
  body.set("seconds_ago", Math.floor((performance.now() - at) / 1000));
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (reply.redirected || (reply.status >= 400 && reply.status < 500)) {
      removeEventListener("beforeunload", keepOpen);
      location.reload(); // signed out, or no longer the clerk: the page says so
      return await new Promise(() => {});
    }
    if (reply.ok) return await reply.json();
  } catch {
    // No network, or something answered in the portal's place.
  }
  return null;
}

// Until it is time to try again, or the browser says that there is a network.
function pause() {
  const wait = AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)];
  return new Promise((done) => {
    setTimeout(done, wait);
    addEventListener("online", done, { once: true });
  });
}

async function drain() {
  if (isSending) return;
  isSending = true;
  while (queue.length) {
    const said = await ask(queue[0]);
    isCut = !said;
    if (said) {
      queue.shift();
      tries = 0;
      tell(said);
    }
    showWaiting();
    if (isCut) await pause();
  }
  isSending = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = event.submitter?.name === "member" ? event.submitter : null;
  if (!chosen && !input.value.trim()) {
    if (isHeld) next(); // Enter alone: it was seen
    return;
  }
  const body = new FormData(form);
  body.set("key", crypto.randomUUID());
  if (chosen) {
    body.set("member", chosen.value);
    body.delete("text");
  }
  input.value = "";
  input.focus();
  queue.push({ body, at: performance.now() });
  showWaiting();
  drain();
});

function keepOpen(event) {
  if (queue.length) event.preventDefault();
}
addEventListener("beforeunload", keepOpen);

seen.addEventListener("click", () => {
  next();
  input.focus();
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
