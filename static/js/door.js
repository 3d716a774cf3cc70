// A lane at the door: the box always listens, answers come in the order of the codes, large and
// with a sound, and the lane starts anew by itself. What cannot be sent, for want of a network or
// of a signed-in clerk, it keeps and sends later. Without this file the form is sent as it is.

const SHOWN_MS = 8000; // so long an answer stands where none follows
const HELD_MS = 4000; // and so long one that is not green, before the next takes its place
const PAST_SHOWN = 6; // green ones among the last answers; all others stay
const PATIENCE_MS = 10_000;
const OLDEST_MS = 600_000; // what waited longer marks nobody (rolls/actions/door.py)
const LOOK_MS = 15_000;
const USED_MS = 600_000;
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
// One that is not green stands until somebody has seen it or its time is over; a list of names until
// somebody is chosen or it was seen. What is answered meanwhile stands among the last answers; a
// list of those follows first, then the next that is not green, else the newest.

let toShow = [];
let shown = null;
let timer = 0;
let isHeld = false;

function next() {
  clearTimeout(timer);
  isHeld = false;
  seen.hidden = true;
  shown = takeNext();
  if (!shown) {
    answer.replaceChildren(template(queue.length && link !== "ok" ? "door-kept" : "door-idle"));
    return;
  }
  answer.innerHTML = shown.answer;
  shown.since = performance.now();
  isHeld = ["found", "warn", "wrong"].includes(shown.kind);
  seen.hidden = !isHeld;
  if (shown.kind === "found") return;
  timer = setTimeout(isHeld ? release : next, isHeld ? HELD_MS : SHOWN_MS);
}

function takeNext() {
  const list = toShow.findIndex((one) => one.kind === "found");
  if (list >= 0) return toShow.splice(list, 1)[0];
  const grave = toShow.findIndex((one) => one.kind !== "ok");
  return toShow.splice(0, grave < 0 ? toShow.length : grave + 1).at(-1) ?? null;
}

// Others may take the place of the answer now; it stands on while there are none.
function release() {
  isHeld = false;
  if (toShow.length) next();
  else timer = setTimeout(next, SHOWN_MS - HELD_MS);
}

// Whoever looks for a name wants the list, and nothing else first: what it takes the place of
// follows it, unless that was a list as well, and seen before the clerk asked anew.
function makeRoom(askedAt) {
  if (!isHeld || (shown.kind === "found" && askedAt < shown.since)) return;
  if (shown.kind !== "found") toShow.unshift(shown);
  isHeld = false;
}

// How many have come, and whether the door is open; what has not changed is not said again.
let idleBefore = null;

function takeOver({ board: counts, idle, shut }) {
  board.innerHTML = counts;
  document.getElementById("door-idle").innerHTML = idle;
  if (idleBefore !== idle && !shown && !toShow.length) next();
  idleBefore = idle;
  for (const element of form.querySelectorAll("#door-text, .btn")) element.disabled = shut;
}

function tell(said, { at, hasWaited }) {
  sound(said.kind);
  takeOver(said);
  if (said.kind === "found") {
    makeRoom(at);
    if (hasWaited) said.askedAt = at;
  } else if (said.kind) {
    const list = past.querySelector("ol");
    list.insertAdjacentHTML("afterbegin", said.line);
    for (const old of [...list.querySelectorAll(".door-past-ok")].slice(PAST_SHOWN)) old.remove();
    past.hidden = false;
  }
  toShow.push(said);
  if (!isHeld) next();
}

// Sending -------------------------------------------------------------------------------------
// queue: {body, at, hasWaited}. It leaves the queue when it is answered; `at` is told by a clock that
// nobody sets. The number of a mark stays the same however often it is sent.

const queue = [];
let link = "ok"; // or offline, signed-out, stranger, fault
let isSending = false;
let tries = 0;
let usedAt = performance.now();

function showWaiting() {
  const now = document.createElement("div");
  const old = queue.filter(({ at }) => performance.now() - at > OLDEST_MS).length;
  if (link !== "ok" && queue.length) now.append(template(`door-${link}`));
  if (link !== "ok" && old) now.append(template("door-overdue"));
  const text = document.createTreeWalker(now, NodeFilter.SHOW_TEXT);
  while (text.nextNode()) {
    const { data } = text.currentNode;
    text.currentNode.data = data.replace("{n}", queue.length).replace("{old}", old);
  }
  // What has not changed is not said again, and keeps the focus.
  if (now.innerHTML !== waits.innerHTML) waits.replaceChildren(...now.childNodes);
  // The answer before is not that of the scan that waits: it gives way, unless it is held.
  const isKept = link === "ok" || !queue.length || answer.querySelector("[data-kept]");
  if (!isKept && !isHeld && !toShow.length) next();
}

function post({ body, at }) {
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("seconds_ago", Math.floor((performance.now() - at) / 1000));
  return fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    redirect: "manual", // to the sign-in page
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

// Signing in, in another tab, makes the token of this page worthless. With the new one the server
// tells whether it is still the same person, by the `person` of the form.
async function postAnew(scan) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const page = await fetch(form.action, { redirect: "manual", signal });
  if (page.type === "opaqueredirect") return page;
  const fresh = new DOMParser()
    .parseFromString(await page.text(), "text/html")
    .querySelector("[name=csrfmiddlewaretoken]");
  for (const token of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
    if (fresh) token.value = fresh.value;
  }
  return post(scan);
}

// The answer, or in its place how the link stands. Nothing that is kept is ever given up.
async function ask(scan) {
  if (!navigator.onLine) return "offline";
  try {
    let reply = await post(scan);
    if (reply.status === 403) reply = await postAnew(scan);
    if (reply.type === "opaqueredirect") return "signed-out";
    if (reply.ok || reply.status === 422) return await reply.json();
    return reply.status === 409 ? "stranger" : "fault";
  } catch {
    return "offline"; // or something answered in the portal's place
  }
}

// Until it is time to try again, there is a network, or the clerk comes back from another tab.
async function pause() {
  const over = new AbortController();
  await new Promise((done) => {
    setTimeout(done, AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)]);
    for (const name of ["online", "focus"]) addEventListener(name, done, { signal: over.signal });
  });
  over.abort();
}

async function drain() {
  if (isSending) return;
  isSending = true;
  while (queue.length) {
    const said = await ask(queue[0]);
    link = typeof said === "string" ? said : "ok";
    if (link === "ok") {
      tries = 0;
      tell(said, queue.shift());
    } else for (const scan of queue) scan.hasWaited = true;
    showWaiting();
    if (link !== "ok") await pause();
  }
  isSending = false;
}

// What the other lanes did meanwhile. A lane that nobody uses asks no more, or its clerk would never
// be signed out.
async function look() {
  if (document.hidden || queue.length || performance.now() - usedAt > USED_MS) return;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const headers = { Accept: "application/json" };
  try {
    const reply = await fetch(form.action, { headers, redirect: "manual", signal });
    if (reply.ok && !isSending) takeOver(await reply.json());
  } catch {
    // Without network the lane goes on, and asks again.
  }
}
setInterval(look, LOOK_MS);

function put(change, at = performance.now()) {
  usedAt = performance.now();
  const body = new FormData(form);
  body.set("key", crypto.randomUUID());
  body.delete("text");
  for (const [name, value] of Object.entries(change)) body.set(name, value);
  queue.push({ body, at, hasWaited: false });
  showWaiting();
  drain();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  if (event.submitter?.name === "member") {
    // Who was looked for without network came at that moment.
    put({ member: event.submitter.value }, shown?.askedAt);
    if (shown?.kind === "found") next();
  } else if (text.trim()) {
    input.value = "";
    put({ text });
  } else if (isHeld && shown.kind !== "found") next(); // Enter alone: it was seen
  input.focus();
});
// What a camera read leaves the box to whoever is typing (static/js/door-camera.js).
form.addEventListener("door:code", (event) => put({ text: event.detail }));

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
