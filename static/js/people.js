// Participants: live count and filter. Without this file, all of them can still be ticked.

const people = document.getElementById("people");
const rows = [...people.querySelectorAll(".person")];
const boxes = rows.map((row) => row.querySelector("input"));

function count() {
  people.querySelector("[data-count]").textContent = boxes.filter((box) => box.checked).length;
}

const filter = people.querySelector("[data-filter]");
filter.addEventListener("input", () => {
  const text = filter.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.dataset.find.toLowerCase().includes(text);
  people.querySelector("[data-nobody]").hidden = rows.some((row) => !row.hidden);
});
filter.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault(); // it would submit the form
});

people.addEventListener("change", count);
people.querySelector(".people-filter").hidden = rows.length < 10;
count();
