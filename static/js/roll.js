// @ts-check
// The roll: one key marks and moves on, with live counts and a filter. Without this file the page
// is a plain form that does the same.

import { every, need, needId } from "./dom.js";
import { fitsName } from "./names.js";
import { Row } from "./rolls/rows.js";

const roll = needId("roll");
const rows = Row.all(roll);
/** @type {Record<string, string>} */
const KEYS = { 1: "present", 2: "late", 3: "on_leave", 4: "absent" };

const shown = () => rows.filter((row) => !row.element.hidden);

function count() {
  /** @type {Record<string, number>} */
  const counts = { none: 0, present: 0, late: 0, on_leave: 0, absent: 0 };
  for (const row of rows) {
    counts[row.chosen || "none"] += 1;
    const [untaken] = every("[data-untaken]", HTMLInputElement, row.element);
    if (untaken) untaken.disabled = Boolean(row.chosen);
  }
  for (const [value, number] of Object.entries(counts)) {
    need(`[data-count=${value}] b`, HTMLElement, roll).textContent = String(number);
  }
}

/** @param {EventTarget | null} target */
function rowAt(target) {
  if (!(target instanceof HTMLInputElement) || target.type !== "radio") return undefined;
  const element = target.closest(".roll-row");
  return rows.find((row) => row.element === element);
}

/**
 * @param {Row} row
 * @param {number} by
 */
function step(row, by) {
  const list = shown();
  list[list.indexOf(row) + by]?.focus();
}

roll.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const row = rowAt(event.target);
  if (!row) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    const radio = row.radios.find((one) => one.value === KEYS[event.key]);
    if (!radio || radio.disabled) return;
    radio.checked = true;
    marked([row]);
    step(row, 1);
  } else if (event.key === "Enter") {
    event.preventDefault(); // it would press the form's first button
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(row, event.key === "ArrowDown" ? 1 : -1);
  }
});

/**
 * Tells roll-device.js, which stores and sends the marks, which rows were marked.
 * @param {Row[]} changed
 */
function marked(changed) {
  count();
  roll.dispatchEvent(new CustomEvent("roll:marked", { detail: changed.map((row) => row.member) }));
}

roll.addEventListener("change", (event) => {
  const row = rowAt(event.target);
  if (row) marked([row]);
});
roll.addEventListener("roll:restored", count);

/**
 * @param {string} name
 * @param {boolean} isShown
 */
function tell(name, isShown) {
  need(`[data-notice=${name}]`, HTMLElement, roll).hidden = !isShown;
}

// Only visible rows: rows hidden by a search have not been looked at.
roll.querySelector("[data-fill]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const open = shown().filter((row) => !row.chosen && !row.radios[0].disabled);
  for (const row of open) row.radios[0].checked = true;
  marked(open);
  tell("filled", true);
});

/**
 * An input method may produce full-width letters and digits.
 * @param {string} text
 */
const plain = (text) => text.normalize("NFKC").trim().toLowerCase();
const filter = need("[data-filter]", HTMLInputElement, roll);
filter.addEventListener("input", () => {
  const text = plain(filter.value);
  // A number that is a member's pocket number matches only that pocket, also with leading zeros.
  const pocket = text.replace(/^0+(?=\d)/, "");
  const owner = rows.find(({ element }) => element.dataset.pocket === pocket);
  for (const row of rows) {
    const { dataset } = row.element;
    const isHit = owner && text ? row === owner : fitsName(dataset.find ?? "", filter.value);
    row.element.hidden = !isHit;
  }
  tell("nobody", shown().length === 0);
});
filter.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  shown()[0]?.focus();
});

// A second click during submission sends nothing; the server would give the same answer.
roll.addEventListener("submit", () => {
  for (const button of every("button", HTMLButtonElement, roll)) {
    button.setAttribute("aria-disabled", "true");
  }
  roll.addEventListener("submit", (event) => event.preventDefault());
});

// Focused rows scroll to between the sticky bars, whatever height these have at the time.
const bars = { top: [".roll-head", ".roll-line"], bottom: [".roll-foot"] };
const observer = new ResizeObserver(() => {
  for (const [edge, names] of Object.entries(bars)) {
    const sticking = every(names.join(), HTMLElement, roll).filter(
      (bar) => getComputedStyle(bar).position === "sticky",
    );
    const height = Math.max(0, ...sticking.map((bar) => bar.offsetHeight));
    document.documentElement.style.setProperty(`--x-bar-${edge}`, `${height + 8}px`);
  }
});
const allBars = Object.values(bars).flat().join();
for (const bar of every(allBars, HTMLElement, roll)) observer.observe(bar);

for (const element of every(".roll-filter, .roll-keys", HTMLElement, roll)) element.hidden = false;
count();
