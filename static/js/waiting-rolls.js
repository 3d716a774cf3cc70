// Lists the rolls with marks, and the doors with scans, that still wait on this device. They are sent
// when the roll or the door is opened; a user who has closed its page would not know of them.

const place = document.getElementById("waiting-rolls");
const person = Number(place.dataset.person);

const request = indexedDB.open("rolls");
// The database does not exist; opening it would create it.
request.onupgradeneeded = () => request.transaction.abort();
request.onerror = (event) => event.preventDefault();
request.onsuccess = () => {
  const database = request.result;
  const names = ["marks", "scans"].filter((name) => database.objectStoreNames.contains(name));
  const transaction = database.transaction(names);
  const read = names.map((name) => transaction.objectStore(name).getAll());
  transaction.oncomplete = () => {
    database.close();
    for (const [at, name] of names.entries()) {
      show(read[at].result.filter((entry) => entry.person === person), name);
    }
  };
};

function show(entries, name) {
  const item = place.querySelector("template").content.firstElementChild;
  for (const session of new Set(entries.map((entry) => entry.session))) {
    const own = entries.filter((entry) => entry.session === session);
    const copy = item.cloneNode(true);
    const link = copy.querySelector("a");
    link.href = place.dataset[name].replace("/0/", `/${session}/`);
    link.textContent = own[0].title;
    copy.querySelector("[data-count]").textContent = own.length;
    place.querySelector("ul").append(copy);
  }
  if (entries.length) place.hidden = false;
}
