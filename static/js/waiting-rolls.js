// @ts-check
// Lists the rolls with marks, and the doors with scans, that still wait on this device. They are sent
// when the roll or the door is opened; a user who has closed its page would not know of them.

import { need, needId } from "./dom.js";
import { readAll } from "./device/store.js";

/** @typedef {import("./device/store.js").Entry & {title: string}} Titled */

const place = needId("waiting-rolls");
const person = Number(place.dataset.person);

readAll((stores) => {
  const read = stores.map((store) => /** @type {IDBRequest<Titled[]>} */ (store.getAll()));
  return () => {
    for (const [at, { name }] of stores.entries()) {
      show(read[at].result.filter((entry) => entry.person === person), name);
    }
  };
});

/**
 * @param {Titled[]} entries
 * @param {string} name
 */
function show(entries, name) {
  const item = need("li", HTMLLIElement, need("template", HTMLTemplateElement, place).content);
  for (const session of new Set(entries.map((entry) => entry.session))) {
    const own = entries.filter((entry) => entry.session === session);
    const copy = /** @type {HTMLLIElement} */ (item.cloneNode(true));
    const link = need("a", HTMLAnchorElement, copy);
    link.href = (place.dataset[name] ?? "").replace("/0/", `/${session}/`);
    link.textContent = own[0].title;
    need("[data-count]", HTMLElement, copy).textContent = String(own.length);
    need("ul", HTMLUListElement, place).append(copy);
  }
  if (entries.length) place.hidden = false;
}
