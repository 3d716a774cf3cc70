// @ts-check
// A long select: what it offers stands in the page, with why it is not free. The select stays what the
// form sends.

import { beginsName, fitsName } from "../names.js";
import { Combobox, make, makeInput, wordsOf } from "./combobox.js";

/** @typedef {import("./combobox.js").Hit} Hit */
/** @typedef {import("./combobox.js").Source} Source */

/**
 * @param {HTMLOptionElement} option
 * @returns {Hit}
 */
function hitOf(option) {
  const { find = "", why = "" } = option.dataset;
  const whole = option.textContent;
  const text = why ? whole.slice(0, -why.length).replace(/[:\uff1a]\s*$/, "") : whole;
  const group = option.closest("optgroup")?.label;
  const { value, disabled: isRefused, selected: isChosen } = option;
  return { value, text, why, group, find, isRefused, isChosen };
}

/**
 * The text field that stands for a select, which goes out of sight.
 * @param {HTMLSelectElement} select
 */
function replace(select) {
  const input = makeInput({ id: select.id, class: select.className });
  for (const name of ["aria-describedby", "aria-invalid", "required", "disabled"]) {
    const value = select.getAttribute(name);
    if (value !== null) input.setAttribute(name, value);
  }
  select.required = false; // a field out of sight cannot be pointed at
  select.before(input);
  select.id = `${select.id}-select`;
  select.hidden = true;
  return input;
}

/**
 * Below a field: what speaks against what is chosen.
 * @param {HTMLInputElement} input
 */
function makeWhy(input) {
  const why = make("p", { class: "choose-chosen", id: `${input.id}-why` });
  const described = [input.getAttribute("aria-describedby"), why.id].filter(Boolean).join(" ");
  input.setAttribute("aria-describedby", described);
  return why;
}

/**
 * Within its group, what begins with the text comes first.
 * @param {Hit[]} all
 * @param {string} text
 */
function fitting(all, text) {
  const groups = [...new Set(all.map((hit) => hit.group))];
  /** @param {Hit} hit */
  const names = (hit) => `${hit.text} ${hit.find}`;
  /** @param {Hit} hit */
  const rank = (hit) => 2 * groups.indexOf(hit.group) + (beginsName(names(hit), text) ? 0 : 1);
  const hits = all.filter((hit) => fitsName(names(hit), text));
  return hits.sort((one, other) => rank(one) - rank(other));
}

/** @param {HTMLSelectElement} select */
export function typeAhead(select) {
  const input = replace(select);
  const why = makeWhy(input);
  const hits = () => [...select.options].filter((option) => option.value).map(hitOf);
  const empty = () => [...select.options].find((option) => !option.value);
  function restore() {
    const option = select.selectedOptions[0];
    const hit = option?.value ? hitOf(option) : null;
    input.value = hit?.text ?? "";
    why.textContent = hit?.why ?? "";
    why.hidden = !hit?.why;
    const none = empty()?.textContent ?? "";
    input.placeholder = /^-*$/.test(none) ? "" : none;
  }
  /** @param {{value: string}} hit */
  function pick({ value }) {
    const isOther = select.value !== value;
    select.value = value;
    restore();
    if (isOther) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  /** @type {Source} */
  const source = {
    restore,
    pick,
    search: (text) => ({ hits: text?.trim() ? fitting(hits(), text) : hits() }),
    // Left without picking: the only hit, nothing if the text is empty, else what was chosen before.
    // A hit that is refused counts: who types its name means it, and not somebody alike.
    settle(shown) {
      if (!input.value.trim() && empty()) pick({ value: "" });
      else if (input.value.trim() && shown.length === 1 && !shown[0].isRefused) pick(shown[0]);
      else restore();
    },
  };
  const combobox = new Combobox(input, source, wordsOf(select));
  combobox.below.after(why);
  input.addEventListener("change", (event) => event.stopPropagation()); // that of the select counts
  // What is typed takes the place of what is chosen.
  for (const event of ["focus", "click"]) {
    input.addEventListener(event, () => combobox.isTyped || input.select());
  }
  // Other options came for another time, or a browser filled the form in again.
  new MutationObserver(() => {
    if (!combobox.isTyped) restore();
    if (combobox.isOpen) combobox.search();
  }).observe(select, { childList: true });
  addEventListener("pageshow", restore);
  restore();
}
