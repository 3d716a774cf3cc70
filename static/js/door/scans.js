// @ts-check
// The scans of one lane that no server has answered, in their order. They are kept on this device as
// well, so that the next lane sends what a closed one has left.

/** @typedef {Record<string, string>} Change what a scan says: a `text`, or the `member` chosen */

/**
 * A scan of this lane. `at` is from a clock that nobody can set (milliseconds). `id` is the key of the
 * mark, the same however often it is sent.
 * @typedef {{id: string, change: Change, at: number, hasWaited: boolean}} Scan
 */

/**
 * A scan on the device: `made_at` is by the clock of the device (milliseconds), which alone goes on
 * while the page is closed.
 * @typedef {object} KeptScan
 * @property {string} id
 * @property {number} session
 * @property {number} person
 * @property {string} lane
 * @property {string} title
 * @property {number} made_at
 * @property {Change} change
 */

/** @typedef {Pick<import("../device/store.js").Store<KeptScan>, "amend">} ScanStore */

const OLDEST_MS = 600_000; // an older scan creates no mark (rolls/actions/door.py)
const LONG_NUMBER = /\d[\d\s-]{13,}\d/; // what may be an ID number stays in the page

export class ScanQueue {
  /**
   * `lane` is "" where the device cannot keep scans. `onChange` is called when one could not be kept.
   * @param {object} options
   * @param {ScanStore} options.store
   * @param {number} options.session
   * @param {number} options.person
   * @param {string} options.title
   * @param {string} options.lane
   * @param {() => void} [options.onChange]
   */
  constructor({ store, session, person, title, lane, onChange = () => {} }) {
    this.store = store;
    this.owner = { session, person, title, lane };
    this.onChange = onChange;
    /** @type {Scan[]} */
    this.scans = [];
    /** @type {Set<Scan>} scans on their way to the device */
    this.storing = new Set();
    /** @type {Set<Scan>} scans that the device does not keep */
    this.unkept = new Set();
  }

  get length() {
    return this.scans.length;
  }

  get first() {
    return this.scans[0];
  }

  /** How many are too old to mark anybody. */
  get overdue() {
    return this.scans.filter(({ at }) => performance.now() - at > OLDEST_MS).length;
  }

  get hasUnkept() {
    return this.scans.some((scan) => this.unkept.has(scan));
  }

  /** Whether something would be lost with the page. */
  get isAtRisk() {
    return this.scans.some((scan) => this.unkept.has(scan) || this.storing.has(scan));
  }

  /**
   * @param {Change} change
   * @param {number} [at] when it was scanned
   */
  put(change, at = performance.now()) {
    const scan = { id: crypto.randomUUID(), change, at, hasWaited: false };
    this.scans.push(scan);
    this.keep(scan);
  }

  /** All of them waited for the link. */
  wait() {
    for (const scan of this.scans) scan.hasWaited = true;
  }

  /** Takes out the first, which was answered. */
  shift() {
    const scan = /** @type {Scan} */ (this.scans.shift());
    this.forget(scan);
    return scan;
  }

  /** @param {Scan} scan */
  keep(scan) {
    const { owner } = this;
    if (!owner.lane || Object.values(scan.change).some((text) => LONG_NUMBER.test(text))) {
      this.unkept.add(scan);
      return;
    }
    this.storing.add(scan);
    const made_at = Date.now() - (performance.now() - scan.at);
    const kept = { id: scan.id, ...owner, made_at, change: scan.change };
    this.store.amend((_own, scans) => scans.put(kept)).then(
      () => {
        this.storing.delete(scan);
        if (!this.scans.includes(scan)) this.forget(scan); // it was answered meanwhile
      },
      () => {
        this.storing.delete(scan);
        if (this.scans.includes(scan)) this.unkept.add(scan);
        this.onChange();
      },
    );
  }

  /** @param {Scan} scan */
  forget(scan) {
    this.unkept.delete(scan);
    if (!this.owner.lane) return;
    // Where that fails, it is sent once more and gets the same answer.
    this.store.amend((_own, scans) => scans.delete(scan.id)).catch(() => {});
  }

  /**
   * Takes over what other lanes have left, unless they are open; whether there was any.
   * @param {(lane: string) => boolean} isOpen
   */
  async adopt(isOpen) {
    const { lane } = this.owner;
    /** @type {KeptScan[]} */
    const left = [];
    await this.store.amend((own, scans) => {
      for (const scan of own) {
        if (isOpen(scan.lane)) continue;
        left.push(scan);
        scans.put({ ...scan, lane });
      }
    });
    left.sort((one, other) => one.made_at - other.made_at);
    this.scans.unshift(
      ...left.map(({ id, change, made_at }) => ({
        id,
        change,
        at: performance.now() - Math.max(0, Date.now() - made_at),
        hasWaited: true,
      })),
    );
    return left.length > 0;
  }
}
