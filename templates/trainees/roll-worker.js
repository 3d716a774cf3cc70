{% load static %}// Opens a roll without network: the page as it was last read, with the files that it needs. The
// roll page itself (static/js/roll-device.js) puts these files into the cache. Nothing else is
// kept or answered from here, and the sign-in page (static/js/forget-rolls.js) empties the cache.

const CACHE = "rolls";
const ROLL = /^\/sessions\/\d+\/roll\/$/;
const FILES = "{% get_static_prefix %}";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" && ROLL.test(pathname)) {
    event.respondWith(openRoll(event.request, pathname));
  } else if (pathname.startsWith(FILES)) {
    event.respondWith(fetch(event.request).catch((fault) => kept(event.request, fault)));
  }
});

async function openRoll(request, pathname) {
  try {
    const page = await fetch(request);
    if (page.ok && !page.redirected) await (await caches.open(CACHE)).put(pathname, page.clone());
    return page;
  } catch (fault) {
    return kept(pathname, fault);
  }
}

async function kept(request, fault) {
  const found = await (await caches.open(CACHE)).match(request, { ignoreVary: true });
  if (!found) throw fault;
  return found;
}
