// A check-in lane at the door: the input always has the focus, answers appear in the order of the
// codes, large and with a sound, and the lane restarts by itself. Scans that cannot be sent,
// without a network or a signed-in clerk, are queued on this device (static/js/device-queue.js) and
// sent later, also after the page was closed. Without this file the form is sent as usual.

const SHOWN_MS = 8000; // how long an answer stays if no other follows
const PAST_SHOWN = 6; // green ones among the past answers; all others stay
const PATIENCE_MS = 10_000;
const OLDEST_MS = 600_000; // an older scan creates no mark (rolls/actions/door.py)
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
const lastSaid = document.getElementById("door-last-said");
const lastMarked = document.getElementById("door-last-marked");
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
// The newest answer is shown, whatever the one before it was; that one is among the past answers,
// where what is not green stays. Only a list of names stays until a name is chosen, it is
// acknowledged, or the clerk looks up somebody else; answers wait behind it. A list that waited for
// a network and was put off comes last. Who was marked last, and the last answer, stay in sight.

let toShow = [];
let shown = null;
let timer = 0;

const isList = (said) => said?.kind === "found";

function next() {
  clearTimeout(timer);
  seen.hidden = true;
  shown = takeNext();
  if (!shown) {
    answer.replaceChildren(template(queue.length && link !== "ok" ? "door-kept" : "door-idle"));
    return;
  }
  answer.innerHTML = shown.answer;
  shown.since = performance.now();
  seen.hidden = !["found", "warn", "wrong"].includes(shown.kind);
  if (!isList(shown)) timer = setTimeout(next, SHOWN_MS);
}

function takeNext() {
  const list = toShow.findIndex((said) => isList(said) && !said.isPutOff);
  if (list >= 0) return toShow.splice(list, 1)[0];
  const newest = toShow.findLast((said) => !isList(said));
  toShow = toShow.filter(isList);
  if (newest || queue.length) return newest ?? null;
  return toShow.shift() ?? null;
}

// The clerk looks up somebody else: the buttons of the former list must not be taken for theirs.
function leaveList() {
  if (!isList(shown)) return;
  if ("askedAt" in shown) toShow.push(Object.assign(shown, { isPutOff: true }));
  next();
}

// What stays in sight after an answer is gone: its line, and that of the last green one.
function remember(said) {
  for (const [place, isTold] of [[lastMarked, said.kind === "ok"], [lastSaid, said.kind !== "ok"]]) {
    if (isTold) {
      place.querySelector("p").innerHTML = said.line;
      place.hidden = false;
    } else if (place === lastSaid) place.hidden = true; // it is the one who was marked last
  }
}

// Updates the counts and whether the door is open. Unchanged text is not announced again.
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
  // A list that was asked for while another was shown waits for that one.
  const isWaiting = isList(shown) && !(isList(said) && at >= shown.since);
  if (isList(said)) {
    if (hasWaited) said.askedAt = at;
  } else if (said.kind) {
    const list = past.querySelector("ol");
    list.insertAdjacentHTML("afterbegin", said.line);
    for (const old of [...list.querySelectorAll(".door-past-ok")].slice(PAST_SHOWN)) old.remove();
    remember({ kind: said.kind, line: list.firstElementChild.innerHTML });
    past.hidden = false;
  }
  toShow.push(said);
  if (!isWaiting) next();
}

// Sending -------------------------------------------------------------------------------------
// queue: {id, change, at, hasWaited}. A scan leaves the queue when it is answered. `at` is from a
// clock that nobody can set. `id` is the key of the mark, the same however often it is sent.
// On the device, a scan has `session`, `title`, `person`, `lane`, and `made_at` by the clock of the
// device, which alone goes on while the page is closed. What may be an ID number stays in the page.

const queue = [];
const storing = new Set(); // scans on their way to the device
const unkept = new Set(); // scans that the device does not keep
const lane = crypto.randomUUID?.() ?? "";
const store = new DeviceQueue({
  store: "scans",
  session: Number(form.dataset.session),
  person: Number(form.elements.person.value),
});
const LONG_NUMBER = /\d[\d\s-]{13,}\d/;
let link = "ok"; // or offline, signed-out, stranger, fault
let isSending = false;
let tries = 0;
let usedAt = performance.now();

function showWaiting() {
  const now = document.createElement("div");
  const old = queue.filter(({ at }) => performance.now() - at > OLDEST_MS).length;
  if (link !== "ok" && queue.length) now.append(template(`door-${link}`));
  if (link !== "ok" && old) now.append(template("door-overdue"));
  if (link !== "ok" && queue.some((scan) => unkept.has(scan))) now.append(template("door-unkept"));
  const text = document.createTreeWalker(now, NodeFilter.SHOW_TEXT);
  while (text.nextNode()) {
    const { data } = text.currentNode;
    text.currentNode.data = data.replace("{n}", queue.length).replace("{old}", old);
  }
  // Unchanged content is not announced again and keeps the focus.
  if (now.innerHTML !== waits.innerHTML) waits.replaceChildren(...now.childNodes);
  // The previous answer does not belong to the waiting scan: hide it, unless it is a list.
  const isKept = link === "ok" || !queue.length || answer.querySelector("[data-kept]");
  if (!isKept && !isList(shown) && !toShow.length) next();
}

function keep(scan) {
  if (!lane || Object.values(scan.change).some((text) => LONG_NUMBER.test(text))) {
    unkept.add(scan);
    return;
  }
  storing.add(scan);
  const made_at = Date.now() - (performance.now() - scan.at);
  const { session, person } = store;
  const entry = { id: scan.id, session, person, lane, title: form.dataset.title, made_at };
  store.put({ ...entry, change: scan.change }).then(
    () => {
      storing.delete(scan);
      if (!queue.includes(scan)) forget(scan); // it was answered meanwhile
    },
    () => {
      storing.delete(scan);
      if (queue.includes(scan)) unkept.add(scan);
      showWaiting();
    },
  );
}

function forget(scan) {
  unkept.delete(scan);
  if (lane) store.remove(scan.id).catch(() => {}); // sent once more, it gets the same answer
}

// Takes over what lanes that were closed have left: a lane that is open holds a lock.
async function adopt() {
  if (!lane || !navigator.locks) return;
  await new Promise((granted) => {
    navigator.locks.request(`door-${lane}`, () => {
      granted();
      return new Promise(() => {}); // until the page is closed
    });
  });
  const { held } = await navigator.locks.query();
  const open = new Set(held.map(({ name }) => name));
  const left = [];
  await store.amend((own, scans) => {
    for (const scan of own) {
      if (open.has(`door-${scan.lane}`)) continue;
      left.push(scan);
      scans.put({ ...scan, lane });
    }
  });
  left.sort((one, other) => one.made_at - other.made_at);
  queue.unshift(
    ...left.map(({ id, change, made_at }) => ({
      id,
      change,
      at: performance.now() - Math.max(0, Date.now() - made_at),
      hasWaited: true,
    })),
  );
  if (!left.length) return;
  showWaiting();
  drain();
}

function post({ id, change, at }) {
  const body = new FormData(form);
  body.set("key", id);
  body.delete("text");
  for (const [name, value] of Object.entries(change)) body.set(name, value);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("seconds_ago", Math.floor((performance.now() - at) / 1000));
  return fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    redirect: "manual", // a redirect would lead to the sign-in page
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

// Signing in in another tab invalidates the CSRF token of this page. With the new token, the server
// checks by the form's `person` whether it is still the same person.
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

// The server's answer, or the state of the link as a string. Queued scans are never dropped.
async function ask(scan) {
  if (!navigator.onLine) return "offline";
  try {
    let reply = await post(scan);
    if (reply.status === 403) reply = await postAnew(scan);
    if (reply.type === "opaqueredirect") return "signed-out";
    if (reply.ok || reply.status === 422) return await reply.json();
    return reply.status === 409 ? "stranger" : "fault";
  } catch {
    return "offline"; // or another server answered in place of the portal
  }
}

// Waits for the next retry, for a network, or until the clerk returns from another tab.
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
      const scan = queue.shift();
      forget(scan);
      tell(said, scan);
    } else for (const scan of queue) scan.hasWaited = true;
    showWaiting();
    if (link !== "ok") await pause();
  }
  isSending = false;
}

// Loads what other lanes did. An unused lane stops polling, or its clerk would never be signed out.
async function look() {
  if (document.hidden || queue.length || performance.now() - usedAt > USED_MS) return;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const headers = { Accept: "application/json" };
  try {
    const reply = await fetch(form.action, { headers, redirect: "manual", signal });
    if (reply.ok && !isSending) takeOver(await reply.json());
  } catch {
    // Without a network the lane goes on and polls again.
  }
}
setInterval(look, LOOK_MS);

function put(change, at = performance.now()) {
  usedAt = performance.now();
  const scan = { id: crypto.randomUUID(), change, at, hasWaited: false };
  queue.push(scan);
  keep(scan);
  showWaiting();
  drain();
}

function onlyHit() {
  const hits = isList(shown) ? answer.querySelectorAll("button[name=member]") : [];
  return hits.length === 1 ? hits[0] : null;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  if (event.submitter?.name === "member") {
    // A member searched for without a network came at the time of the search.
    put({ member: event.submitter.value }, shown?.askedAt);
    if (isList(shown)) next();
  } else if (text.trim()) {
    input.value = "";
    put({ text });
    leaveList();
  } else if (onlyHit()) {
    // Enter in an empty input marks the one who was found.
    put({ member: onlyHit().value }, shown.askedAt);
    next();
  } else if (shown && shown.kind !== "ok" && !isList(shown)) next(); // Enter in an empty input acknowledges
  input.focus();
});
// Camera codes do not touch the input, where the clerk may be typing (static/js/door-camera.js).
form.addEventListener("door:code", (event) => put({ text: event.detail }));

// Only what the device does not keep is lost with the page.
function keepOpen(event) {
  if (queue.some((scan) => unkept.has(scan) || storing.has(scan))) event.preventDefault();
}
addEventListener("beforeunload", keepOpen);

seen.addEventListener("click", () => {
  next();
  input.focus();
});

// Hand scanner input goes into the input box, wherever the focus was.
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
adopt().catch(() => {}); // a store that cannot be read; new scans say so
