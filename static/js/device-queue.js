// What a page has not sent yet, kept on this device (IndexedDB) until the server has answered: marks
// of a roll (static/js/roll-device.js) and scans of a lane at the door (static/js/door.js). Closing
// the page loses nothing. Loaded before the module that uses it.

const NAME = "rolls";
const VERSION = 2;

function makeStores({ target: { result: database } }) {
  const has = (name) => database.objectStoreNames.contains(name);
  for (const name of ["marks", "scans"]) {
    if (!has(name)) {
      database.createObjectStore(name, { keyPath: "id" }).createIndex("session", "session");
    }
  }
  if (!has("known")) database.createObjectStore("known", { keyPath: ["session", "member"] });
}

// The entries {id, session, person, …} of one store that belong to one session and person.
class DeviceQueue {
  // `also` are further stores of the same transaction, which `read` may look at in its end.
  // `onClosed` is called when the browser closed the store; the next change stores all anew.
  constructor({ store, session, person, also = [], read = () => {}, onClosed = () => {} }) {
    Object.assign(this, { store, session, person, also, read, onClosed });
    this.items = [];
    this.hasOthers = false; // whether somebody else has entries of this session on the device
    this.lost = []; // entries of a store that the browser closed, until they are in a new one
    this.opened = null;
  }

  isOwn(entry) {
    return entry.person === this.person;
  }

  open() {
    this.opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = makeStores;
      request.onerror = () => {
        this.opened = null;
        reject(request.error);
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => {
          request.result.close();
          this.opened = null;
        };
        // Its data was deleted, or the disk failed.
        request.result.onclose = () => {
          this.opened = null;
          this.lost = this.items;
          this.onClosed();
        };
        resolve(request.result);
      };
    });
    return this.opened;
  }

  // One transaction over these entries; nothing else, not even another tab, changes them.
  // `change` gets them and the stores. If it fails, nothing is changed.
  async amend(change) {
    const database = await this.open();
    await new Promise((resolve, reject) => {
      const names = [this.store, ...this.also];
      const transaction = database.transaction(names, "readwrite");
      const stores = names.map((name) => transaction.objectStore(name));
      const all = () => stores[0].index("session").getAll(this.session);
      const stored = all();
      let after = null;
      stored.onsuccess = () => {
        const own = stored.result.filter((entry) => this.isOwn(entry));
        if (own.length === 0) {
          own.push(...this.lost);
          for (const entry of this.lost) stores[0].put(entry);
        }
        change(own, ...stores);
        after = all();
        this.read(...stores);
      };
      transaction.oncomplete = () => {
        this.items = after.result.filter((entry) => this.isOwn(entry));
        this.hasOthers = this.items.length !== after.result.length;
        this.lost = [];
        resolve();
      };
      transaction.onabort = () => reject(transaction.error ?? new Error("nothing was stored"));
    });
  }

  put(entry) {
    return this.amend((_own, store) => store.put(entry));
  }

  remove(id) {
    return this.amend((_own, store) => store.delete(id));
  }
}

globalThis.DeviceQueue = DeviceQueue;
