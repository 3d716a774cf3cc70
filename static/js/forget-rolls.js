// Whoever comes to the sign-in page has no roll open: the rolls that were kept for work without
// network go, and so do empty queues. Marks that no server has acknowledged stay.

if ("caches" in window) caches.delete("rolls");

const request = indexedDB.open("rolls");
// There is none: it would be made by asking for it.
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
