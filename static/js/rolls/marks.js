// @ts-check
// The marks of one roll and person that wait on this device. A mark is in the queue until the server
// has acknowledged its id; no other answer removes it. A mark that the server refuses, or that
// conflicts with another person's mark, stays until the clerk decides. Only names, ids and marks are
// stored.

/**
 * `title` names the roll on other pages (static/js/waiting-rolls.js). `sent` is true once the mark may
 * have reached the server. From then on it never changes, and a later mark for the same member waits
 * for its answer. So the order in which requests arrive does not matter.
 * @typedef {object} Mark
 * @property {string} id
 * @property {number} session
 * @property {string} title
 * @property {number} person
 * @property {number} member
 * @property {string} name
 * @property {string} status
 * @property {string} seen
 * @property {string} made_at
 * @property {boolean} sent
 * @property {{text: string, theirs: string} | null} problem
 */

/**
 * The current mark on the server, by any person ("" for none), and the time of the server's answer.
 * @typedef {{session: number, member: number, status: string, at: number}} Known
 */

/** @typedef {{status: string, seen: string, name: string}} Choice what the page has for a member */

/** @typedef {{id: string, text: string, theirs?: string | null}} NotTaken */

/**
 * The answer of `receive_marks`.
 * @typedef {object} Answer
 * @property {string} at
 * @property {string[]} acknowledged
 * @property {NotTaken[]} conflicts
 * @property {NotTaken[]} refused
 * @property {Record<string, string>} marks
 * @property {string} submitted who submitted the roll and when
 */

/** @typedef {import("../device/store.js").Store<Mark, Known>} MarkStore */

const AT_ONCE = 300; // marks in one request

export class MarkQueue {
  /**
   * `onChange` is called after each change of the store, also one that failed.
   * @param {{store: MarkStore, session: number, title: string, person: number, onChange?: () => void}} options
   */
  constructor({ store, session, title, person, onChange = () => {} }) {
    this.store = store;
    this.owner = { session, title, person };
    this.onChange = onChange;
    /** @type {Mark[]} */
    this.marks = [];
    /** @type {Known[]} */
    this.known = [];
    this.isFailing = false; // whether the last change of the store failed
    /** @type {Set<number>} members with a mark that could not be stored */
    this.unkept = new Set();
    // Members with marks on their way into the queue. What the server reports on them meanwhile may be
    // the clerk's own earlier mark, so it counts as seen.
    /** @type {number[][]} */
    this.onTheWay = [];
  }

  get problems() {
    return this.marks.filter((mark) => mark.problem);
  }

  /** How many marks the server has not answered. */
  get pending() {
    const unqueued = new Set(this.onTheWay.flat().filter((member) => !this.of(member)));
    return this.marks.length - this.problems.length + unqueued.size;
  }

  get isUnkept() {
    return this.isFailing || this.unkept.size > 0;
  }

  /** @param {number} member */
  of(member) {
    return this.marks.find((mark) => mark.member === member);
  }

  /** @param {number} member */
  isOnTheWay(member) {
    return this.onTheWay.some((members) => members.includes(member));
  }

  /** @param {number} member whether a mark of theirs is queued or about to be */
  waits(member) {
    return Boolean(this.of(member)) || this.isOnTheWay(member);
  }

  /**
   * One transaction over the marks of this roll.
   * @param {Parameters<MarkStore["amend"]>[0]} change
   */
  async amend(change) {
    try {
      await this.store.amend(change);
      this.marks = this.store.items;
      this.known = this.store.facts;
      this.isFailing = false;
    } catch (error) {
      this.isFailing = true;
      throw error;
    } finally {
      this.onChange();
    }
  }

  /** Reads what is stored; what a browser lost is stored anew. */
  read() {
    return this.amend(() => {});
  }

  /**
   * @param {number} member
   * @param {Choice} choice
   * @returns {Mark}
   */
  make(member, { name, status, seen }) {
    const now = { id: crypto.randomUUID(), made_at: new Date().toISOString() };
    return { ...now, ...this.owner, member, name, status, seen, sent: false, problem: null };
  }

  /**
   * Queues what was chosen for members. If storing fails, the page has the marks still, and they are
   * stored with the next one. `read` is called in the transaction, for what is chosen and seen then.
   * @param {number[]} members
   * @param {(member: number) => Choice} read
   */
  async keep(members, read) {
    const all = [...new Set([...members, ...this.unkept])];
    this.onTheWay.push(all);
    this.onChange(); // the previous mark may be shown as saved
    try {
      await this.put(all, read);
      for (const member of all) this.unkept.delete(member);
    } catch {
      for (const member of all) this.unkept.add(member);
    }
    this.onChange();
  }

  /**
   * @param {number[]} members
   * @param {(member: number) => Choice} read
   */
  async put(members, read) {
    try {
      await this.amend((stored, marks) => {
        for (const member of members) {
          const own = stored.filter((mark) => mark.member === member);
          const underWay = own.find((mark) => mark.sent && !mark.problem);
          for (const mark of own) if (mark !== underWay) marks.delete(mark.id);
          const choice = read(member);
          const seen = underWay?.status ?? choice.seen;
          if (choice.status !== seen) marks.put(this.make(member, { ...choice, seen }));
        }
      });
    } finally {
      this.onTheWay.splice(this.onTheWay.indexOf(members), 1);
    }
  }

  /** The marks to send, one per member; marks that may already have arrived come first. */
  async take() {
    /** @type {Map<number, Mark>} */
    const batch = new Map();
    await this.amend((stored, marks) => {
      const ready = stored.filter((mark) => !mark.problem);
      ready.sort((one, other) => Number(other.sent) - Number(one.sent));
      for (const mark of ready) {
        if (batch.has(mark.member) || batch.size === AT_ONCE) continue;
        batch.set(mark.member, mark);
        if (!mark.sent) marks.put({ ...mark, sent: true });
      }
    });
    return [...batch.values()];
  }

  /** @param {Answer} answer */
  applyAnswer(answer) {
    const at = Date.parse(answer.at);
    const { session } = this.owner;
    return this.amend((stored, marks, known) => {
      for (const id of answer.acknowledged) {
        if (stored.some((mark) => mark.id === id)) marks.delete(id);
      }
      for (const { id, theirs, text } of [...answer.conflicts, ...answer.refused]) {
        const mark = stored.find((kept) => kept.id === id);
        if (!mark) continue;
        const later = stored.find((kept) => kept.member === mark.member && !kept.sent);
        const { status } = later ?? mark;
        if (later) marks.delete(later.id);
        if (status === theirs) marks.delete(id);
        else marks.put({ ...mark, status, problem: { text, theirs: theirs ?? "" } });
      }
      for (const [member, status] of Object.entries(answer.marks)) {
        known.put({ session, member: Number(member), status, at });
      }
    });
  }

  /**
   * Applies the clerk's decision about a mark that the server did not take. Either decision is sent,
   * because the server lists the mark as not taken until then; a dropped mark is not.
   * @param {Mark} mark
   * @param {string} decision "mine", "theirs" or "drop"
   * @param {() => string} readSeen
   */
  decide(mark, decision, readSeen) {
    return this.amend((_stored, marks) => {
      marks.delete(mark.id);
      if (decision === "drop") return;
      const seen = readSeen();
      const status = decision === "mine" ? mark.status : seen;
      marks.put(this.make(mark.member, { name: mark.name, status, seen }));
    });
  }
}

/**
 * The body of a request to `receive_marks`.
 * @param {number} person
 * @param {Mark[]} batch
 */
export function bodyOf(person, batch) {
  const marks = batch.map(({ id, member, status, seen, made_at }) => ({
    id,
    member,
    status,
    seen,
    made_at,
  }));
  return JSON.stringify({ person, marks });
}
