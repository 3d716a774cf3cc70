// On the sign-in page nobody has a roll open: delete the rolls cached for offline work, and empty
// queues. Marks and scans that no server has answered stay.

if ("caches" in window) caches.delete("rolls");

const request = indexedDB.open("rolls");
// The database does not exist; opening it would create it.
request.onupgradeneeded = () => request.transaction.abort();
request.onerror = (event) => event.preventDefault();
request.onsuccess = () => {
  const database = request.result;
  const names = ["marks", "scans"].filter((name) => database.objectStoreNames.contains(name));
  const transaction = database.transaction(names);
  const counts = names.map((name) => transaction.objectStore(name).count());
  transaction.oncomplete = () => {
    database.close();
    if (counts.every((count) => count.result === 0)) indexedDB.deleteDatabase("rolls");
  };
};
