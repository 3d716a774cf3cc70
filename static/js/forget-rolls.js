// @ts-check
// On the sign-in page nobody has a roll open: delete the rolls cached for offline work, and empty
// queues. Marks and scans that no server has answered stay.

import { deleteAll, readAll } from "./device/store.js";

if ("caches" in window) caches.delete("rolls");

readAll((stores) => {
  const counts = stores.map((store) => store.count());
  return () => {
    if (counts.every((count) => count.result === 0)) deleteAll();
  };
});
