// Puts the next code in the place of the last one in time. Without this file the link does it.

const RENEWALS = 20; // ten minutes: a page left open does not stay signed in for ever
const GRACE_MS = 300; // the clocks of browser and server beat apart

const code = document.getElementById("my-code");
let left = RENEWALS;
let timer = 0;

function wait() {
  timer = setTimeout(renew, code.dataset.seconds * 1000 + GRACE_MS);
}

function giveUp() {
  code.replaceChildren(document.getElementById("my-code-stale").content.cloneNode(true));
}

async function renew() {
  clearTimeout(timer);
  if (document.hidden) return; // asked for when somebody looks again
  if (left-- === 0) return giveUp();
  try {
    const reply = await fetch(location.href);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const next = page.getElementById("my-code");
    if (!next) return location.reload(); // signed out
    code.replaceChildren(...next.childNodes);
    code.dataset.seconds = next.dataset.seconds;
    wait();
  } catch {
    giveUp();
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) renew();
});
wait();
