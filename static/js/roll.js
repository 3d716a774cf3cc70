// The roll: one key marks and moves on, counts stay live, the filter narrows. Without this file
// the page is a plain form that does the same work.

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
    radios(row).find((radio) => radio.value === KEYS[event.key]).checked = true;
    marked([row]);
    step(row, 1);
  } else if (event.key === "Enter") {
    event.preventDefault(); // it would press the form's first button
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(row, event.key === "ArrowDown" ? 1 : -1);
  }
});

// Whoever keeps and sends the marks (roll-device.js) hears which rows were marked.
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

// Only those in sight: during a search the others are somebody one has not looked at.
roll.querySelector("[data-fill]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const open = shown().filter((row) => !chosen(row));
  for (const row of open) radios(row)[0].checked = true;
  marked(open);
  tell("filled", true);
});

// An input method may leave letters and digits full-width.
const plain = (text) => text.normalize("NFKC").trim().toLowerCase();
const filter = roll.querySelector("[data-filter]");
filter.addEventListener("input", () => {
  const text = plain(filter.value);
  // A number that is somebody's pocket means that pocket alone, also with zeros before it.
  const owner = rows.find((row) => row.dataset.pocket === text.replace(/^0+(?=\d)/, ""));
  for (const row of rows) {
    row.hidden = owner && text ? row !== owner : !plain(row.dataset.find).includes(text);
  }
  tell("nobody", shown().length === 0);
});
filter.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const first = shown()[0];
  if (first) focusRow(first);
});

// A second click while the first is under way sends nothing; the server would answer it alike.
roll.addEventListener("submit", () => {
  for (const button of roll.querySelectorAll("button")) {
    button.setAttribute("aria-disabled", "true");
  }
  roll.addEventListener("submit", (event) => event.preventDefault());
});

// A focused row is scrolled to between the bars that stick to the edges, however high they are now.
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
