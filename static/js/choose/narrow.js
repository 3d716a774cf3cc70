// @ts-check
// Shows only those rows that fit what is typed, and counts those that are ticked.

import { every, need } from "../dom.js";
import { fitsName } from "../names.js";

const ROW = "tr, li, .option, .person";
const FEW = 10; // as many rows are found without a filter

/** @param {HTMLElement} place */
export function narrow(place) {
  const filter = need("[data-filter]", HTMLInputElement, place);
  const rows = every("[data-find]", HTMLElement, place).map((named) => ({
    find: named.dataset.find ?? "",
    row: /** @type {HTMLElement} */ (named.closest(ROW)),
  }));
  const nobody = need("[data-nobody]", HTMLElement, place);
  filter.addEventListener("input", () => {
    for (const { find, row } of rows) row.hidden = !fitsName(find, filter.value);
    nobody.hidden = rows.some(({ row }) => !row.hidden);
    if (!filter.value.trim()) return;
    for (const folded of every("details", HTMLDetailsElement, place)) {
      folded.open = rows.some(({ row }) => !row.hidden && folded.contains(row));
    }
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would submit the form
  });
  /** @type {HTMLElement} */ (filter.closest(".people-filter")).hidden = rows.length < FEW;
  const [total] = every("[data-count]", HTMLElement, place);
  if (total) countTicked(place, total);
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} total
 */
function countTicked(place, total) {
  const boxes = every("input[type=checkbox]", HTMLInputElement, place);
  const count = () => {
    total.textContent = String(boxes.filter((box) => box.checked).length);
  };
  place.addEventListener("change", count);
  count();
}
