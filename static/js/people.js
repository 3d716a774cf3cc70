// Participants: live count and filter. Without this file, all of them can still be ticked.

const people = document.getElementById("people");
const rows = [...people.querySelectorAll(".person")];
const boxes = rows.map((row) => row.querySelector("input"));

function count() {
  people.querySelector("[data-count]").textContent = boxes.filter((box) => box.checked).length;
}

// An input method may produce full-width signs; the dot of a name may be left out or be another.
const bare = (text) =>
  text.normalize("NFKC").trim().toLowerCase().replace(/[\u00b7.\u30fb\u2022\u2027\u2219\u22c5]/g, "");
const found = (names, text) =>
  [bare(text), bare(text).replace(/\s/g, "")].some((part) => bare(names).includes(part));
const filter = people.querySelector("[data-filter]");
filter.addEventListener("input", () => {
  for (const row of rows) row.hidden = !found(row.dataset.find, filter.value);
  people.querySelector("[data-nobody]").hidden = rows.some((row) => !row.hidden);
});
filter.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault(); // it would submit the form
});

people.addEventListener("change", count);
people.querySelector(".people-filter").hidden = rows.length < 10;
count();
