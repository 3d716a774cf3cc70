// Lists the rolls with marks that still wait on this device. They are sent when the roll is opened;
// a user who has closed its page would not know of them.

const place = document.getElementById("waiting-rolls");
const person = Number(place.dataset.person);

const request = indexedDB.open("rolls");
// The database does not exist; opening it would create it.
request.onupgradeneeded = () => request.transaction.abort();
request.onerror = (event) => event.preventDefault();
request.onsuccess = () => {
  const database = request.result;
  const marks = database.transaction("marks").objectStore("marks").getAll();
  marks.onsuccess = () => {
    database.close();
    show(marks.result.filter((mark) => mark.person === person));
  };
};

function show(marks) {
  const item = place.querySelector("template").content.firstElementChild;
  for (const session of new Set(marks.map((mark) => mark.session))) {
    const own = marks.filter((mark) => mark.session === session);
    const copy = item.cloneNode(true);
    const link = copy.querySelector("a");
    link.href = place.dataset.roll.replace("/0/", `/${session}/`);
    link.textContent = own[0].title;
    copy.querySelector("[data-count]").textContent = own.length;
    place.querySelector("ul").append(copy);
  }
  place.hidden = marks.length === 0;
}
