// @ts-check
// A check-in lane at the door: the input always has the focus, answers appear in the order of the
// codes, large and with a sound, and the lane restarts by itself. Scans that cannot be sent,
// without a network or a signed-in clerk, are queued on this device (static/js/door/scans.js) and
// sent later, also after the page was closed. Without this file the form is sent as usual.

import { Sender } from "./device/sender.js";
import { DeviceStore } from "./device/store.js";
import { Transport } from "./device/transport.js";
import { need, needId, readToken, takeOverToken, tokenOf } from "./dom.js";
import { ScanQueue } from "./door/scans.js";
import { showSwitch } from "./door/sound.js";
import { LaneView } from "./door/view.js";

const PATIENCE_MS = 10_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 4_000;
const LOOK_MS = 15_000;
const USED_MS = 600_000;
const AS_JSON = { Accept: "application/json" };

const form = need("#door", HTMLFormElement);
const input = need("#door-text", HTMLInputElement);
const lane = crypto.randomUUID?.() ?? "";
const owner = {
  session: Number(form.dataset.session),
  person: Number(need("[name=person]", HTMLInputElement, form).value),
};
const queue = new ScanQueue({
  ...owner,
  lane,
  title: form.dataset.title ?? "",
  store: new DeviceStore({ ...owner, store: "scans" }),
  onChange: () => view.showWaiting(),
});
const view = new LaneView(form, queue);
const transport = new Transport({
  address: form.action,
  page: form.action,
  token: tokenOf(form),
  patience: PATIENCE_MS,
  links: { 0: "signed-out", 409: "stranger" },
  unreadable: "offline",
  readToken,
});
const sender = new Sender({ send, firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
let usedAt = performance.now();

// Sending -------------------------------------------------------------------------------------

/**
 * @param {import("./door/scans.js").Scan} scan
 * @param {string} token
 */
function bodyOf({ id, change, at }, token) {
  const body = new FormData(form);
  body.set("key", id);
  body.delete("text");
  for (const [name, value] of Object.entries(change)) body.set(name, value);
  body.set("csrfmiddlewaretoken", token);
  body.set("seconds_ago", String(Math.floor((performance.now() - at) / 1000)));
  return body;
}

/**
 * Sends the first scan. It leaves the queue when it is answered; scans are never dropped.
 * @returns {Promise<import("./device/sender.js").Step>}
 */
async function send() {
  const { first } = queue;
  if (!first) return "done";
  const { link, answer } = await transport.send((token) => ({
    headers: AS_JSON,
    body: bodyOf(first, token),
  }));
  takeOverToken(transport.token);
  view.link = link;
  if (link === "ok") view.tell(answer, queue.shift());
  else queue.wait();
  view.showWaiting();
  return link === "ok" ? "more" : "later";
}

/** Takes over what lanes that were closed have left: a lane that is open holds a lock. */
async function adopt() {
  if (!lane || !navigator.locks) return;
  await new Promise((granted) => {
    navigator.locks.request(`door-${lane}`, () => {
      granted(undefined);
      return new Promise(() => {}); // until the page is closed
    });
  });
  const { held = [] } = await navigator.locks.query();
  const open = new Set(held.map(({ name }) => name));
  if (!(await queue.adopt((other) => open.has(`door-${other}`)))) return;
  view.showWaiting();
  sender.now();
}

/** Loads what other lanes did. An unused lane stops polling, or its clerk would never be signed out. */
async function look() {
  if (document.hidden || queue.length || performance.now() - usedAt > USED_MS) return;
  try {
    const reply = await transport.get(form.action, { headers: AS_JSON });
    if (reply.ok && !queue.length) view.takeOver(await reply.json());
  } catch {
    // Without a network the lane goes on and polls again.
  }
}

// What the clerk does -------------------------------------------------------------------------

/**
 * @param {import("./door/scans.js").Change} change
 * @param {number} [at] when somebody was looked up, who came then
 */
function put(change, at) {
  usedAt = performance.now();
  queue.put(change, at);
  view.showWaiting();
  sender.now();
}

/** @param {SubmitEvent} event */
function submit(event) {
  event.preventDefault();
  const text = input.value;
  const { shown, hasList, onlyHit } = view;
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (button?.name === "member") {
    // A member searched for without a network came at the time of the search.
    put({ member: button.value }, shown?.askedAt);
    if (view.hasList) view.next();
  } else if (text.trim()) {
    input.value = "";
    put({ text });
    view.leaveList();
  } else if (onlyHit) {
    // Enter in an empty input marks the one who was found.
    put({ member: onlyHit.value }, shown?.askedAt);
    view.next();
  } else if (shown && shown.kind !== "ok" && !hasList) view.next(); // it acknowledges
  input.focus();
}

form.addEventListener("submit", submit);
// Camera codes do not touch the input, where the clerk may be typing (static/js/door-camera.js).
form.addEventListener("door:code", (event) => {
  put({ text: /** @type {CustomEvent<string>} */ (event).detail });
});
addEventListener("beforeunload", (event) => {
  if (queue.isAtRisk) event.preventDefault();
});
view.seen.addEventListener("click", () => {
  view.next();
  input.focus();
});
// Hand scanner input goes into the input box, wherever the focus was.
document.addEventListener("keydown", (event) => {
  const isSign = event.key.length === 1 && event.key !== " ";
  if (isSign && !event.ctrlKey && !event.metaKey && !event.altKey) input.focus();
});
addEventListener("focus", () => input.focus());
needId("door-sound").addEventListener("click", () => input.focus());
// A network is there, or the clerk returns from another tab.
for (const name of ["online", "focus"]) addEventListener(name, () => sender.now());
setInterval(look, LOOK_MS);
showSwitch();
input.focus();
adopt().catch(() => {}); // a store that cannot be read; new scans say so
