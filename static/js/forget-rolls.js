// On the sign-in page nobody has a roll open: delete the rolls cached for offline work, and empty
// queues. Marks that no server has acknowledged stay.

if ("caches" in window) caches.delete("rolls");

const request = indexedDB.open("rolls");
// The database does not exist; opening it would create it.
request.onupgradeneeded = () => request.transaction.abort();
request.onerror = (event) => event.preventDefault();
request.onsuccess = () => {
  const database = request.result;
  const marks = database.transaction("marks").objectStore("marks").count();
  marks.onsuccess = () => {
    database.close();
    if (marks.result === 0) indexedDB.deleteDatabase("rolls");
  };
};
