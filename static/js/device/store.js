// @ts-check
// What a page has not sent yet, kept on this device (IndexedDB) until the server has answered: marks
// of a roll (static/js/rolls/marks.js) and scans of a lane at the door (static/js/door/scans.js).
// Closing the page loses nothing.

const NAME = "rolls";
const VERSION = 2;
const KEPT_IN = ["marks", "scans"];

/** @typedef {{id: string, session: number, person: number}} Entry */

/**
 * Where a change writes: an object store.
 * @template V
 * @typedef {{put(value: V): unknown, delete(key: string): unknown}} Shelf
 */

/**
 * What a queue asks of a store. `items` and `facts` are as of the last change.
 * @template {Entry} E
 * @template [F=never]
 * @typedef {object} Store
 * @property {E[]} items
 * @property {F[]} facts
 * @property {boolean} hasOthers whether somebody else has entries of this session on the device
 * @property {(change: (own: E[], entries: Shelf<E>, facts: Shelf<F>) => void) => Promise<void>} amend
 */

/** @param {IDBVersionChangeEvent} event */
function makeStores(event) {
  const database = /** @type {IDBOpenDBRequest} */ (event.target).result;
  /** @param {string} name */
  const has = (name) => database.objectStoreNames.contains(name);
  for (const name of KEPT_IN) {
    if (!has(name)) {
      database.createObjectStore(name, { keyPath: "id" }).createIndex("session", "session");
    }
  }
  if (!has("known")) database.createObjectStore("known", { keyPath: ["session", "member"] });
}

/**
 * The entries of one kind that belong to one session and person.
 * @template {Entry} E
 * @template [F=never]
 * @implements {Store<E, F>}
 */
export class DeviceStore {
  /**
   * `facts` names the store of what the server said of the session, which is changed together with
   * the entries. `onClosed` is called when the browser closed the store; the next change stores all
   * anew.
   * @param {{store: string, session: number, person: number, facts?: string, onClosed?: () => void}} options
   */
  constructor({ store, session, person, facts = "", onClosed = () => {} }) {
    this.names = facts ? [store, facts] : [store];
    this.session = session;
    this.person = person;
    this.onClosed = onClosed;
    /** @type {E[]} */
    this.items = [];
    /** @type {F[]} */
    this.facts = [];
    this.hasOthers = false;
    /** @type {E[]} entries of a store that the browser closed, until they are in a new one */
    this.lost = [];
    /** @type {Promise<IDBDatabase> | null} */
    this.opened = null;
  }

  /** @param {E} entry */
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

  /**
   * One transaction over these entries; nothing else, not even another tab, changes them.
   * `change` gets them and the stores. If it fails, nothing is changed.
   * @param {(own: E[], entries: Shelf<E>, facts: Shelf<F>) => void} change
   * @returns {Promise<void>}
   */
  async amend(change) {
    const database = await this.open();
    await new Promise((resolve, reject) => {
      const transaction = database.transaction(this.names, "readwrite");
      const [entries, facts] = this.names.map((name) => transaction.objectStore(name));
      const all = () => /** @type {IDBRequest<E[]>} */ (entries.index("session").getAll(this.session));
      const stored = all();
      /** @type {IDBRequest<E[]>} */
      let after;
      /** @type {IDBRequest<F[]> | undefined} */
      let said;
      stored.onsuccess = () => {
        const own = stored.result.filter((entry) => this.isOwn(entry));
        if (own.length === 0) {
          own.push(...this.lost);
          for (const entry of this.lost) entries.put(entry);
        }
        change(own, entries, facts);
        after = all();
        said = facts?.getAll(IDBKeyRange.bound([this.session], [this.session, []]));
      };
      transaction.oncomplete = () => {
        this.items = after.result.filter((entry) => this.isOwn(entry));
        this.facts = said?.result ?? [];
        this.hasOthers = this.items.length !== after.result.length;
        this.lost = [];
        resolve(undefined);
      };
      transaction.onabort = () => reject(transaction.error ?? new Error("nothing was stored"));
    });
  }
}

/**
 * Reads the stores of all sessions by one transaction, if this device has any; it makes none.
 * `read` begins the reading and returns what is to be done once it is complete.
 * @param {(stores: IDBObjectStore[]) => () => void} read
 */
export function readAll(read) {
  const request = indexedDB.open(NAME);
  // The database does not exist; opening it would create it.
  request.onupgradeneeded = () => request.transaction?.abort();
  request.onerror = (event) => event.preventDefault();
  request.onsuccess = () => {
    const database = request.result;
    const names = KEPT_IN.filter((name) => database.objectStoreNames.contains(name));
    const transaction = database.transaction(names);
    const done = read(names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => {
      database.close();
      done();
    };
  };
}

/** Deletes the store of this device. */
export function deleteAll() {
  indexedDB.deleteDatabase(NAME);
}
