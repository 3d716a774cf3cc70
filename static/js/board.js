// Drags sessions of the board into the line of a lecturer. A drop fills in the form that does the
// same by hand, sends it, and shows what the server answers. Without this file the form does it all.

const grid = document.getElementById("board-grid");
const trouble = document.getElementById("board-trouble");
const form = document.querySelector(".board-form form");
const hint = document.querySelector("[data-board-hint]");
let dragged = null;
let isSending = false;

// A finger scrolls; it drags nothing.
if (hint) hint.hidden = !matchMedia("(pointer: fine)").matches;

function say(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

const lineAt = (event) => (dragged ? event.target.closest?.("[data-lecturer]") : null);

function mark(line) {
  for (const one of grid.querySelectorAll(".is-target")) one.classList.remove("is-target");
  line?.classList.add("is-target");
}

document.addEventListener("dragstart", (event) => {
  const item = event.target.closest?.("[data-session]");
  if (!item || !form || isSending) return;
  dragged = item;
  event.dataTransfer.setData("text/plain", item.dataset.session);
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
  const line = lineAt(event);
  if (!line) return;
  event.preventDefault();
  const item = dragged;
  dragged = null;
  mark(null);
  if (item.closest("[data-lecturer]") !== line) give(item.dataset.session, line.dataset.lecturer);
});

// The options of a select stand for its field: the combobox above it follows them.
function renew(select, options, value) {
  select.replaceChildren(...options);
  select.value = value;
}

async function give(session, lecturer) {
  const { session: what, instructor: who } = form.elements;
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
    say(trouble.dataset.failed);
  } finally {
    isSending = false;
    grid.removeAttribute("aria-busy");
  }
}

// What is refused stays in the form, so that the reason which a warning asks for can be given.
function show(page) {
  for (const name of ["board-grid", "messages"]) {
    document.getElementById(name).replaceChildren(...page.getElementById(name).childNodes);
  }
  const errors = [...page.querySelectorAll(".error-summary li")];
  say(errors.map((line) => line.textContent.trim()).join(" "));
  const answered = page.querySelector(".board-form form");
  if (!answered) return;
  form.elements.idempotency_key.value = answered.elements.idempotency_key.value;
  const chosen = errors.length ? form.elements.session.value : "";
  renew(form.elements.session, [...answered.elements.session.options], chosen);
  if (!errors.length) form.elements.reason.value = "";
  form.closest("details").open = errors.length > 0;
  if (errors.length) form.elements.reason.focus();
}
