// @ts-check
// Drags sessions of the board into the line of a lecturer. A drop fills in the form that does the
// same by hand, sends it, and shows what the server answers. Without this file the form does it all.

import { around, every, need, needId } from "./dom.js";

const grid = needId("board-grid");
const trouble = needId("board-trouble");
const [form] = every(".board-form form", HTMLFormElement);
const [hint] = every("[data-board-hint]", HTMLElement);
/** @type {HTMLElement | null} */
let dragged = null;
let isSending = false;

// A finger scrolls; it drags nothing.
if (hint) hint.hidden = !matchMedia("(pointer: fine)").matches;

/** @param {string} text */
function say(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

/** @param {Event} event */
const lineAt = (event) => (dragged ? around(event, "[data-lecturer]") : null);

/** @param {HTMLElement | null} line */
function mark(line) {
  for (const one of every(".is-target", HTMLElement, grid)) one.classList.remove("is-target");
  line?.classList.add("is-target");
}

document.addEventListener("dragstart", (event) => {
  const item = around(event, "[data-session]");
  if (!item || !form || isSending || !event.dataTransfer) return;
  dragged = item;
  event.dataTransfer.setData("text/plain", item.dataset.session ?? "");
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragend", () => {
  dragged = null;
  mark(null);
});
document.addEventListener("dragover", (event) => {
  const line = lineAt(event);
  mark(line);
  if (line) event.preventDefault(); // so that it may be dropped here
});
document.addEventListener("drop", (event) => {
  const [item, line] = [dragged, lineAt(event)];
  if (!item || !line) return;
  event.preventDefault();
  dragged = null;
  mark(null);
  if (item.closest("[data-lecturer]") === line) return;
  give(item.dataset.session ?? "", line.dataset.lecturer ?? "");
});

/**
 * The options of a select stand for its field: the combobox above it follows them.
 * @param {HTMLSelectElement} select
 * @param {HTMLOptionElement[]} options
 * @param {string} value
 */
function renew(select, options, value) {
  select.replaceChildren(...options);
  select.value = value;
}

/**
 * A field of the form, or of the one that was answered.
 * @template {Element} E
 * @param {string} name
 * @param {new (...args: never[]) => E} kind
 * @param {HTMLFormElement} [of]
 */
const field = (name, kind, of = form) => need(`[name=${name}]`, kind, of);

/**
 * @param {string} session
 * @param {string} lecturer
 */
async function give(session, lecturer) {
  const what = field("session", HTMLSelectElement);
  const who = field("instructor", HTMLSelectElement);
  renew(what, [...what.options], session);
  renew(who, [...who.options], lecturer);
  isSending = true;
  grid.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(location.href, { method: "POST", body: new FormData(form) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("board-grid")) throw new Error(String(answer.status));
    show(page);
  } catch {
    say(trouble.dataset.failed ?? "");
  } finally {
    isSending = false;
    grid.removeAttribute("aria-busy");
  }
}

/**
 * What is refused stays in the form, so that the reason which a warning asks for can be given.
 * @param {Document} page
 */
function show(page) {
  for (const name of ["#board-grid", "#messages"]) {
    const now = need(name, HTMLElement, page);
    need(name, HTMLElement).replaceChildren(...now.childNodes);
  }
  const errors = every(".error-summary li", HTMLElement, page);
  say(errors.map((line) => line.textContent.trim()).join(" "));
  const [answered] = every(".board-form form", HTMLFormElement, page);
  if (!answered) return;
  const key = field("idempotency_key", HTMLInputElement, answered);
  field("idempotency_key", HTMLInputElement).value = key.value;
  const sessions = field("session", HTMLSelectElement);
  const { options } = field("session", HTMLSelectElement, answered);
  renew(sessions, [...options], errors.length ? sessions.value : "");
  const reason = field("reason", HTMLElement);
  if (!errors.length) /** @type {HTMLInputElement} */ (reason).value = "";
  /** @type {HTMLDetailsElement} */ (form.closest("details")).open = errors.length > 0;
  if (errors.length) reason.focus();
}
