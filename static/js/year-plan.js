// @ts-check
// Drags courses into the months of a plan. A drop sends the form that does the same by hand, and
// shows what the server answers: months, mix and messages. Without this file the forms do it all.

import { around, every, need, needId } from "./dom.js";
import { fitsName } from "./names.js";

const months = needId("plan-months");
const trouble = needId("plan-trouble");
const add = need("#plan-add", HTMLFormElement);
/** @type {HTMLElement | null} */
let dragged = null;
let isSending = false;

need("[data-plan-hint]", HTMLElement).hidden = false;
const menu = need("[data-plan-menu]", HTMLElement);
// A finger scrolls; it drags nothing.
menu.hidden = !matchMedia("(pointer: fine)").matches;

// There is room for all months where they stand side by side.
const isWide = matchMedia("(min-width: 62rem)").matches;
/** @param {ParentNode} within */
const folds = (within) => every("[data-month] > details", HTMLDetailsElement, within);
/** @param {HTMLDetailsElement} fold */
const idOf = (fold) => fold.parentElement?.id;
if (isWide) for (const fold of folds(months)) fold.open = true;

const find = need("#plan-find", HTMLInputElement);
find.addEventListener("input", () => {
  for (const card of every("[data-find]", HTMLElement, menu)) {
    card.hidden = !fitsName(card.dataset.find ?? "", find.value);
  }
});

/** @param {string} text */
function say(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

/** @param {Event} event */
const monthAt = (event) => (dragged ? around(event, "[data-month]") : null);

/** @param {HTMLElement | null} month */
function mark(month) {
  for (const one of every(".plan-month.is-target", HTMLElement)) {
    one.classList.remove("is-target");
  }
  month?.classList.add("is-target");
}

document.addEventListener("dragstart", (event) => {
  const card = around(event, ".plan-card");
  if (!card || isSending || !event.dataTransfer) return;
  dragged = card;
  event.dataTransfer.setData("text/plain", card.dataset.course ?? "");
  event.dataTransfer.effectAllowed = card.dataset.line ? "move" : "copy";
});
document.addEventListener("dragend", () => {
  dragged = null;
  mark(null);
});
document.addEventListener("dragover", (event) => {
  const month = monthAt(event);
  mark(month);
  if (month) event.preventDefault(); // so that it may be dropped here
});
document.addEventListener("drop", (event) => {
  const [card, month] = [dragged, monthAt(event)];
  if (!card || !month) return;
  event.preventDefault();
  dragged = null;
  mark(null);
  if (card.dataset.line) move(card, month);
  else plan(card, month);
});

/**
 * @param {HTMLElement} card
 * @param {HTMLElement} month
 */
function move(card, month) {
  if (card.closest("[data-month]") === month) return;
  const form = need("[data-plan-move]", HTMLFormElement, card);
  const data = new FormData(form);
  data.delete("times"); // they stay what they are, whatever was typed at the card
  data.set("month", month.dataset.month ?? "");
  send(form.action, data);
}

/**
 * @param {HTMLElement} card
 * @param {HTMLElement} month
 */
function plan(card, month) {
  const data = new FormData(add);
  data.set("month", month.dataset.month ?? "");
  data.set("course", card.dataset.course ?? "");
  data.set("times", "1"); // once more, where it stands already
  send(add.action, data);
}

// The forms at the cards: the page stays where it is, and the focus at the card that was changed.
document.addEventListener("submit", async (event) => {
  const card = around(event, "#plan-months [data-line]");
  if (!card) return;
  event.preventDefault();
  if (isSending) return;
  const form = /** @type {HTMLFormElement} */ (event.target);
  const data = new FormData(form);
  const { line, course, audience } = card.dataset;
  const before = around(event, "[data-month]")?.dataset.month;
  await send(form.action, data);
  const month = need(`[data-month="${data.get("month") ?? before}"]`, HTMLElement);
  const same = `[data-course="${course}"][data-audience="${audience}"]`;
  need("details", HTMLDetailsElement, month).open = true;
  const [there = month] = [
    ...every(`[data-line="${line}"]`, HTMLElement),
    ...every(same, HTMLElement, month),
  ];
  there.focus();
  there.scrollIntoView({ block: "nearest" });
});

/**
 * @param {string} address
 * @param {FormData} data
 */
async function send(address, data) {
  isSending = true;
  months.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("plan-months")) throw new Error(String(answer.status));
    const opened = new Set(folds(months).filter((one) => one.open).map(idOf));
    for (const fold of folds(page)) fold.open ||= opened.has(idOf(fold));
    for (const name of ["#plan-months", "#plan-mix", "#messages"]) {
      const now = need(name, HTMLElement, page);
      need(name, HTMLElement).replaceChildren(...now.childNodes);
    }
    const errors = every(".error-summary li", HTMLElement, page);
    say(errors.map((line) => line.textContent.trim()).join(" "));
  } catch {
    say(trouble.dataset.failed ?? "");
  } finally {
    isSending = false;
    months.removeAttribute("aria-busy");
  }
}
