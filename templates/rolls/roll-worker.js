{% load static %}// Opens a roll without network, or with too slow a one: the page as it was last read, with the files
// that it needs. The roll page itself (static/js/roll-device.js) puts these files into the cache.
// Nothing else is kept or answered from here, and the sign-in page (static/js/forget-rolls.js)
// empties the cache.

const CACHE = "rolls";
const ROLL = /^\/sessions\/\d+\/roll\/$/;
const PATIENCE_MS = 4_000;
const FILES = "{% get_static_prefix %}";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" && ROLL.test(pathname)) {
    const read = readRoll(event.request, pathname);
    event.waitUntil(read.catch(() => {}));
    event.respondWith(soonest(read, pathname));
  } else if (pathname.startsWith(FILES)) {
    event.respondWith(soonest(fetch(event.request), event.request));
  }
});

async function readRoll(request, pathname) {
  const page = await fetch(request);
  if (page.ok && !page.redirected) await (await caches.open(CACHE)).put(pathname, page.clone());
  return page;
}

// What the network answers; what is kept, where it fails or takes its time.
async function soonest(answer, request) {
  const found = await (await caches.open(CACHE)).match(request, { ignoreVary: true });
  if (!found) return answer;
  const later = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, found));
  return Promise.race([answer.catch(() => found), later]);
}
