// @ts-check
// What a lane shows (templates/rolls/door/door.html): an answer, large; who was marked last, and the
// last answer, which stay in sight; the answers before; what waits; the counts of the session.

import { copyOf, every, need, needId } from "../dom.js";
import { Answers, isList } from "./answers.js";
import { sound } from "./sound.js";

/** @typedef {import("./answers.js").Said} Said */
/** @typedef {import("./scans.js").ScanQueue} ScanQueue */
/** @typedef {import("../device/transport.js").Link} Link */

const SHOWN_MS = 8000; // how long an answer stays if no other follows
const PAST_SHOWN = 6; // green ones among the past answers; all others stay

export class LaneView {
  /**
   * @param {HTMLFormElement} form
   * @param {ScanQueue} queue
   */
  constructor(form, queue) {
    this.form = form;
    this.queue = queue;
    this.answers = new Answers();
    /** @type {Link} */
    this.link = "ok";
    this.answer = needId("door-answer");
    this.waits = needId("door-waits");
    this.seen = needId("door-seen");
    this.lastSaid = needId("door-last-said");
    this.lastMarked = needId("door-last-marked");
    /** @type {string | null} */
    this.idleBefore = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get shown() {
    return this.answers.shown;
  }

  get hasList() {
    return isList(this.shown);
  }

  /** The button of the only one who was found. */
  get onlyHit() {
    const hits = every("button[name=member]", HTMLButtonElement, this.hasList ? this.answer : null);
    return hits.length === 1 ? hits[0] : null;
  }

  /** Shows the next answer. */
  next() {
    clearTimeout(this.timer);
    const shown = this.answers.next(performance.now(), this.queue.length > 0);
    this.seen.hidden = !["found", "warn", "wrong"].includes(shown?.kind ?? "");
    if (!shown) {
      const isKept = this.queue.length && this.link !== "ok";
      this.answer.replaceChildren(copyOf(isKept ? "#door-kept" : "#door-idle"));
      return;
    }
    this.answer.innerHTML = shown.answer;
    if (!isList(shown)) this.timer = setTimeout(() => this.next(), SHOWN_MS);
  }

  /** The clerk looks up somebody else: the buttons of the former list must not be taken for theirs. */
  leaveList() {
    if (!this.hasList) return;
    this.answers.putOff();
    this.next();
  }

  /**
   * Shows the answer to a scan.
   * @param {Said} said
   * @param {import("./scans.js").Scan} scan
   */
  tell(said, scan) {
    sound(said.kind);
    this.takeOver(said);
    if (said.kind && !isList(said)) this.remember(said);
    if (this.answers.add(said, scan)) this.next();
  }

  /**
   * Updates the counts and whether the door is open. Unchanged text is not announced again.
   * @param {Said} said
   */
  takeOver({ board, idle, shut }) {
    needId("door-board").innerHTML = board;
    needId("door-idle").innerHTML = idle;
    if (this.idleBefore !== idle && !this.shown && !this.answers.waiting.length) this.next();
    this.idleBefore = idle;
    need("#door-text", HTMLInputElement, this.form).disabled = shut;
    for (const button of every(".btn", HTMLButtonElement, this.form)) button.disabled = shut;
  }

  /**
   * Adds an answer to the past ones, and keeps its line in sight, beside that of the last green one.
   * @param {Said} said
   */
  remember({ kind, line }) {
    const past = needId("door-past");
    const list = need("ol", HTMLOListElement, past);
    list.insertAdjacentHTML("afterbegin", line);
    for (const old of every(".door-past-ok", HTMLElement, list).slice(PAST_SHOWN)) old.remove();
    past.hidden = false;
    const isMarked = kind === "ok";
    const place = isMarked ? this.lastMarked : this.lastSaid;
    const [newest] = list.children;
    need("p", HTMLElement, place).innerHTML = newest.innerHTML;
    place.hidden = false;
    if (isMarked) this.lastSaid.hidden = true; // it is the one who was marked last
  }

  /** Says what waits, and why. Unchanged content is not announced again and keeps the focus. */
  showWaiting() {
    const { queue, link } = this;
    const now = document.createElement("div");
    const { overdue } = queue;
    if (link !== "ok") {
      if (queue.length) now.append(copyOf(`#door-${link}`));
      if (overdue) now.append(copyOf("#door-overdue"));
      if (queue.hasUnkept) now.append(copyOf("#door-unkept"));
    }
    const texts = document.createTreeWalker(now, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = /** @type {Text} */ (texts.currentNode);
      text.data = text.data.replace("{n}", String(queue.length)).replace("{old}", String(overdue));
    }
    if (now.innerHTML !== this.waits.innerHTML) this.waits.replaceChildren(...now.childNodes);
    // The previous answer does not belong to the waiting scan: hide it, unless it is a list.
    const isKept = link === "ok" || !queue.length || this.answer.querySelector("[data-kept]");
    if (!isKept && !this.hasList && !this.answers.waiting.length) this.next();
  }
}
