// @ts-check
// What a roll says of its rows, of itself, and of what waited: words for facts, without a page.

/** @typedef {import("./marks.js").Mark} Mark */
/** @typedef {import("../device/transport.js").Link} Link */

/**
 * The state of a row; "" where there is nothing to say.
 * @param {object} row
 * @param {Mark} [row.mark] the queued one
 * @param {boolean} row.isUnkept
 * @param {boolean} row.isOnTheWay neither saved nor stored on this device yet
 * @param {boolean} row.isProposal
 * @param {string} row.chosen
 * @param {string} row.seen
 */
export function stateOf({ mark, isUnkept, isOnTheWay, isProposal, chosen, seen }) {
  if (mark?.problem) return mark.problem.theirs ? "conflict" : "refused";
  if (mark) return "waiting";
  if (isUnkept) return "unsaved";
  if (isOnTheWay) return "";
  if (isProposal) return "proposed";
  return chosen && chosen === seen ? "saved" : "";
}

/**
 * Why the roll cannot be submitted now; "" if it can.
 * @param {{link: Link, isSubmitted: boolean, problems: number, pending: number}} facts
 */
export function obstacle({ link, isSubmitted, problems, pending }) {
  if (link === "stranger") return "stranger";
  if (isSubmitted) return "submitted";
  if (problems) return "problems";
  if (link !== "ok") return link;
  return pending ? "waiting" : "";
}

/**
 * The stage of the roll, as far as the page knows.
 * @param {{isSubmitted: boolean, isDraft: boolean, hasUnsaved: boolean, isQueued: boolean}} facts
 */
export function stageOf({ isSubmitted, isDraft, hasUnsaved, isQueued }) {
  if (isSubmitted) return "submitted";
  if (hasUnsaved) return "unsaved";
  if (isDraft) return "draft";
  return isQueued ? "unsaved" : "untaken";
}

/** Counts the marks that waited for the link, and tells once what became of all of them. */
export class Waited {
  held = 0; // the most marks that waited for the link
  problemsBefore = 0; // the number of problems before that

  /**
   * How many were saved and how many were not; null as long as there is nothing to tell.
   * @param {Link} link
   * @param {number} pending
   * @param {number} problems
   */
  look(link, pending, problems) {
    if (link !== "ok") {
      if (!this.held) this.problemsBefore = problems;
      this.held = Math.max(this.held, pending);
      return null;
    }
    if (!this.held || pending) return null;
    const left = Math.max(0, problems - this.problemsBefore);
    const saved = this.held - left;
    this.held = 0;
    return { saved, left };
  }
}
