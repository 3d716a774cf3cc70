// The roll: one key marks and moves on, with live counts and a filter. Without this file the page
// is a plain form that does the same.

const roll = document.getElementById("roll");
const rows = [...roll.querySelectorAll(".roll-row")];
const KEYS = { 1: "present", 2: "late", 3: "on_leave", 4: "absent" };

const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
const chosen = (row) => radios(row).find((radio) => radio.checked);
const shown = () => rows.filter((row) => !row.hidden);

function count() {
  const counts = { none: 0, present: 0, late: 0, on_leave: 0, absent: 0 };
  for (const row of rows) {
    const radio = chosen(row);
    counts[radio ? radio.value : "none"] += 1;
    const untaken = row.querySelector("[data-untaken]");
    if (untaken) untaken.disabled = Boolean(radio);
  }
  for (const [value, number] of Object.entries(counts)) {
    roll.querySelector(`[data-count=${value}] b`).textContent = number;
  }
}

function focusRow(row) {
  const target = chosen(row) ?? radios(row)[0];
  target.focus();
}

function step(row, by) {
  const list = shown();
  const next = list[list.indexOf(row) + by];
  if (next) focusRow(next);
}

roll.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const row = event.target.closest(".roll-row");
  if (!row || event.target.type !== "radio") return;
  if (KEYS[event.key]) {
    event.preventDefault();
    const radio = radios(row).find((radio) => radio.value === KEYS[event.key]);
    if (radio.disabled) return;
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

// Tells roll-device.js, which stores and sends the marks, which rows were marked.
function marked(changed) {
  count();
  roll.dispatchEvent(new CustomEvent("roll:marked", { detail: changed }));
}

roll.addEventListener("change", (event) => {
  if (event.target.type === "radio") marked([event.target.closest(".roll-row")]);
});
roll.addEventListener("roll:restored", count);

const tell = (name, on) => {
  roll.querySelector(`[data-notice=${name}]`).hidden = !on;
};

// Only visible rows: rows hidden by a search have not been looked at.
roll.querySelector("[data-fill]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const open = shown().filter((row) => !chosen(row) && !radios(row)[0].disabled);
  for (const row of open) radios(row)[0].checked = true;
  marked(open);
  tell("filled", true);
});

// An input method may produce full-width letters and digits.
const plain = (text) => text.normalize("NFKC").trim().toLowerCase();
const filter = roll.querySelector("[data-filter]");
filter.addEventListener("input", () => {
  const text = plain(filter.value);
  // A number that is a member's pocket number matches only that pocket, also with leading zeros.
  const owner = rows.find((row) => row.dataset.pocket === text.replace(/^0+(?=\d)/, ""));
  for (const row of rows) {
    row.hidden = owner && text ? row !== owner : !fitsName(row.dataset.find, filter.value);
  }
  tell("nobody", shown().length === 0);
});
filter.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const first = shown()[0];
  if (first) focusRow(first);
});

// A second click during submission sends nothing; the server would give the same answer.
roll.addEventListener("submit", () => {
  for (const button of roll.querySelectorAll("button")) {
    button.setAttribute("aria-disabled", "true");
  }
  roll.addEventListener("submit", (event) => event.preventDefault());
});

// Focused rows scroll to between the sticky bars, whatever height these have at the time.
const bars = { top: [".roll-head", ".roll-line"], bottom: [".roll-foot"] };
const observer = new ResizeObserver(() => {
  for (const [edge, names] of Object.entries(bars)) {
    const sticking = names
      .map((name) => roll.querySelector(name))
      .filter((bar) => bar && getComputedStyle(bar).position === "sticky");
    const height = Math.max(0, ...sticking.map((bar) => bar.offsetHeight));
    document.documentElement.style.setProperty(`--x-bar-${edge}`, `${height + 8}px`);
  }
});
for (const bar of roll.querySelectorAll(Object.values(bars).flat().join())) observer.observe(bar);

for (const element of roll.querySelectorAll(".roll-filter, .roll-keys")) element.hidden = false;
count();
