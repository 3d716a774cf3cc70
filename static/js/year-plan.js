// Drags courses into the months of a plan. A drop sends the form that does the same by hand, and
// shows what the server answers: months, mix and messages. Without this file the forms do it all.

const months = document.getElementById("plan-months");
const trouble = document.getElementById("plan-trouble");
const add = document.getElementById("plan-add");
let dragged = null;
let isSending = false;

document.querySelector("[data-plan-hint]").hidden = false;
const menu = document.querySelector("[data-plan-menu]");
// A finger scrolls; it drags nothing.
menu.hidden = !matchMedia("(pointer: fine)").matches;

// There is room for all months where they stand side by side.
const isWide = matchMedia("(min-width: 62rem)").matches;
const folds = (within) => within.querySelectorAll("[data-month] > details");
if (isWide) for (const fold of folds(months)) fold.open = true;

document.getElementById("plan-find").addEventListener("input", (event) => {
  const text = event.target.value;
  for (const card of menu.querySelectorAll("[data-find]")) card.hidden = !fitsName(card.dataset.find, text);
});

function say(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

const monthAt = (event) => (dragged ? event.target.closest?.("[data-month]") : null);

function mark(month) {
  for (const one of document.querySelectorAll(".plan-month.is-target")) {
    one.classList.remove("is-target");
  }
  month?.classList.add("is-target");
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".plan-card");
  if (!card || isSending) return;
  dragged = card;
  event.dataTransfer.setData("text/plain", card.dataset.course);
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
  const month = monthAt(event);
  if (!month) return;
  event.preventDefault();
  const card = dragged;
  dragged = null;
  mark(null);
  if (card.dataset.line) move(card, month);
  else plan(card, month);
});

function move(card, month) {
  if (card.closest("[data-month]") === month) return;
  const form = card.querySelector("[data-plan-move]");
  const data = new FormData(form);
  data.delete("times"); // they stay what they are, whatever was typed at the card
  data.set("month", month.dataset.month);
  send(form.action, data);
}

function plan(card, month) {
  const data = new FormData(add);
  data.set("month", month.dataset.month);
  data.set("course", card.dataset.course);
  data.set("times", "1"); // once more, where it stands already
  send(add.action, data);
}

// The forms at the cards: the page stays where it is, and the focus at the card that was changed.
document.addEventListener("submit", async (event) => {
  const card = event.target.closest("#plan-months [data-line]");
  if (!card) return;
  event.preventDefault();
  if (isSending) return;
  const data = new FormData(event.target);
  const { line, course, audience } = card.dataset;
  const before = card.closest("[data-month]").dataset.month;
  await send(event.target.action, data);
  const month = document.querySelector(`[data-month="${data.get("month") ?? before}"]`);
  const same = `[data-course="${course}"][data-audience="${audience}"]`;
  month.querySelector("details").open = true;
  const there =
    document.querySelector(`[data-line="${line}"]`) ?? month.querySelector(same) ?? month;
  there.focus();
  there.scrollIntoView({ block: "nearest" });
});

async function send(address, data) {
  isSending = true;
  months.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("plan-months")) throw new Error(String(answer.status));
    const opened = new Set([...folds(months)].filter((one) => one.open).map((one) => one.parentNode.id));
    for (const fold of folds(page)) fold.open ||= opened.has(fold.parentNode.id);
    for (const name of ["plan-months", "plan-mix", "messages"]) {
      document.getElementById(name).replaceChildren(...page.getElementById(name).childNodes);
    }
    const errors = page.querySelectorAll(".error-summary li");
    say([...errors].map((line) => line.textContent.trim()).join(" "));
  } catch {
    say(trouble.dataset.failed);
  } finally {
    isSending = false;
    months.removeAttribute("aria-busy");
  }
}
