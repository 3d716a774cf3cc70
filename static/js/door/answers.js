// @ts-check
// Which answer a lane shows. The newest is shown, whatever the one before it was. Only a list of names
// stays until a name is chosen, it is acknowledged, or the clerk looks up somebody else; answers wait
// behind it. A list that waited for a network and was put off comes last.

/**
 * An answer as views.door sends it, with HTML of its parts. `kind` is "ok", "warn", "wrong", "found" (a
 * list of names) or "" (none). A list knows when it was asked for (`askedAt`) if it had to wait.
 * @typedef {object} Said
 * @property {string} kind
 * @property {string} answer
 * @property {string} line
 * @property {string} board
 * @property {string} idle
 * @property {boolean} shut
 * @property {number} [askedAt]
 * @property {number} [since] since when it is shown
 * @property {boolean} [isPutOff]
 */

/** @param {Said | null} said */
export const isList = (said) => said?.kind === "found";

export class Answers {
  /** @type {Said[]} */
  waiting = [];
  /** @type {Said | null} */
  shown = null;

  /**
   * Goes on to the next, if there is one. A list that was put off is left while scans wait.
   * @param {number} now
   * @param {boolean} hasScans
   */
  next(now, hasScans) {
    this.shown = this.take(hasScans);
    if (this.shown) this.shown.since = now;
    return this.shown;
  }

  /** @param {boolean} hasScans */
  take(hasScans) {
    const list = this.waiting.findIndex((said) => isList(said) && !said.isPutOff);
    if (list >= 0) return this.waiting.splice(list, 1)[0];
    const newest = this.waiting.findLast((said) => !isList(said));
    this.waiting = this.waiting.filter(isList);
    if (newest || hasScans) return newest ?? null;
    return this.waiting.shift() ?? null;
  }

  /**
   * Takes an answer, of a scan made `at`; whether it is to be shown now. A list that was asked for
   * while another was shown waits for that one.
   * @param {Said} said
   * @param {{at: number, hasWaited: boolean}} scan
   */
  add(said, { at, hasWaited }) {
    const isWaiting = isList(this.shown) && !(isList(said) && at >= (this.shown?.since ?? 0));
    if (isList(said) && hasWaited) said.askedAt = at;
    this.waiting.push(said);
    return !isWaiting;
  }

  /** The list that is shown is left for another; one that waited for a network comes again. */
  putOff() {
    if (this.shown && "askedAt" in this.shown) {
      this.waiting.push(Object.assign(this.shown, { isPutOff: true }));
    }
  }
}
