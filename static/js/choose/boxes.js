// @ts-check
// Boxes of which few are ticked: a text field ticks one of the others; only those that are ticked show.

import { every } from "../dom.js";
import { beginsName, fitsName } from "../names.js";
import { Combobox, make, makeInput, wordsOf } from "./combobox.js";

/** @typedef {import("./combobox.js").Hit} Hit */
/** @typedef {import("./combobox.js").Source} Source */

/** @typedef {{box: HTMLInputElement, row: HTMLElement}} Row */

/**
 * @param {Row} row
 * @returns {Hit}
 */
const hitOf = ({ box, row }) => ({
  value: box.value,
  text: row.textContent.trim(),
  find: box.dataset.find,
});

/** @param {HTMLElement} place */
export function tickByTyping(place) {
  const { several: id = "", label: name = "" } = place.dataset;
  const rows = every("input[type=checkbox]", HTMLInputElement, place).map((box) => ({
    box,
    row: /** @type {HTMLElement} */ (box.closest(".option")),
  }));
  const input = makeInput({ class: "form-control", id });
  place.prepend(make("label", { for: id, class: "form-label" }, name), input);
  place.classList.add("is-chosen");
  const show = () => {
    for (const { box, row } of rows) row.hidden = !box.checked;
  };
  const clear = () => {
    input.value = "";
  };
  /** @type {Source} */
  const source = {
    restore: clear,
    settle: clear,
    search(text) {
      const others = rows.filter(({ box }) => !box.checked).map(hitOf);
      if (!text?.trim()) return { hits: others };
      /** @param {Hit} hit */
      const rank = ({ find = "" }) => (beginsName(find, text) ? 0 : 1);
      const hits = others.filter(({ find = "" }) => fitsName(find, text));
      return { hits: hits.sort((one, other) => rank(one) - rank(other)) };
    },
    pick({ value }) {
      for (const { box } of rows) box.checked ||= box.value === value;
      clear();
      show();
    },
  };
  new Combobox(input, source, wordsOf(place));
  place.addEventListener("change", ({ target }) => {
    if (target === input) return;
    show();
    input.focus(); // what was unticked is out of sight
  });
  show();
}
