// @ts-check
// Replaces the code by the next one in time. Without this file a link does this.

import { every, need, needId } from "./dom.js";

const RENEWALS = 20; // ten minutes: a page left open does not stay signed in forever
const GRACE_MS = 300; // the clocks of browser and server differ

const code = needId("my-code");
const stale = needId("my-code-stale");
let left = RENEWALS; // after that, the user presses the link
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function wait() {
  timer = setTimeout(renew, Number(code.dataset.seconds) * 1000 + GRACE_MS);
}

/**
 * Shows the code, or that it has expired; keyboard focus moves from one link to the other.
 * @param {boolean} isGood
 */
function show(isGood) {
  const [now, before] = isGood ? [code, stale] : [stale, code];
  const hadFocus = before.contains(document.activeElement);
  now.hidden = false;
  before.hidden = true;
  if (hadFocus) need(".btn", HTMLElement, now).focus();
}

/** @param {ParentNode} page */
const changes = (page) => every("[data-changes]", HTMLElement, page);

async function renew() {
  clearTimeout(timer);
  if (document.hidden) return; // renewed when the page is visible again
  if (left <= 0) return show(false);
  left -= 1;
  try {
    const reply = await fetch(location.href);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const next = page.getElementById("my-code");
    if (!next) return location.reload(); // signed out
    const fresh = changes(next);
    for (const [place, part] of changes(code).entries()) part.replaceWith(fresh[place]);
    code.dataset.seconds = next.dataset.seconds;
    show(true);
    wait();
  } catch {
    show(false);
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) renew();
});
wait();
