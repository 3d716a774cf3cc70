// @ts-check
// Opening a roll without network: the page and its files are kept for the worker
// (templates/rolls/roll-worker.js).

import { every } from "../dom.js";

const MODULES = new URL("../", import.meta.url).href;

/** The files that the page needs: those that it names, and the modules that these import. */
function files() {
  const named = every("link[href], script[src], use", Element).map((element) => {
    const { href, src } = /** @type {any} */ (element);
    return href?.baseVal ?? href ?? src;
  });
  const imported = performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(MODULES));
  const here = (/** @type {string} */ name) => new URL(name, location.href).href.split("#")[0];
  return new Set([...named, ...imported].map(here));
}

/**
 * Keeps the page of a roll; whether it can be opened without network from now on. The network may
 * fail, and a browser may allow no worker: marks are stored all the same.
 * @param {string} worker its address
 */
export async function keepPage(worker) {
  if (!("serviceWorker" in navigator) || !navigator.onLine) return false;
  try {
    await navigator.serviceWorker.register(worker, { scope: "/sessions/" });
    const cache = await caches.open("rolls");
    await cache.addAll([...files()]);
    // A service worker that was already active has cached the page when it was opened.
    if (!(await cache.match(location.pathname, { ignoreVary: true }))) {
      const page = await fetch(location.pathname, { redirect: "manual" });
      if (page.ok) await cache.put(location.pathname, page);
    }
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false;
  }
}
