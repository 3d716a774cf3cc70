// @ts-check
// Shows how the marks of a roll stand (templates/rolls/roll_device.html). What it is given it reads;
// it neither stores nor sends.

import { copyOf, every, need } from "../dom.js";
import { Row } from "./rows.js";
import { obstacle, stageOf, stateOf, Waited } from "./states.js";

/** @typedef {import("./marks.js").Mark} Mark */
/** @typedef {import("./marks.js").MarkQueue} MarkQueue */
/** @typedef {import("../device/transport.js").Link} Link */

/** @typedef {{link: Link, told: string, submitted: string}} Line how the line to the server stands */

export class RollView {
  /**
   * `onDecide` hears what the clerk decided about a mark that was not taken.
   * @param {object} options
   * @param {HTMLElement} options.device
   * @param {HTMLElement | null} options.roll
   * @param {MarkQueue} options.queue
   * @param {Line} options.line
   * @param {(mark: Mark, decision: string) => void} options.onDecide
   */
  constructor({ device, roll, queue, line, onDecide }) {
    this.device = device;
    this.roll = roll;
    this.queue = queue;
    this.line = line;
    this.onDecide = onDecide;
    this.waited = new Waited();
    this.blocked = ""; // why the roll cannot be submitted now
  }

  /** @param {string} selector */
  part(selector) {
    return need(selector, HTMLElement, this.device);
  }

  render() {
    const { queue, line } = this;
    this.takeOverKnown();
    this.lock();
    for (const row of Row.all(this.roll)) this.showState(row);
    this.showProblems();
    const [pending, problems] = [queue.pending, queue.problems.length];
    this.part("[data-others]").hidden = !queue.store.hasOthers;
    this.part("[data-unkept]").hidden = !queue.isUnkept;
    this.part("[data-why-told]").textContent = line.told;
    for (const banner of every("[data-link]", HTMLElement, this.device)) {
      banner.hidden = banner.dataset.link !== line.link;
    }
    this.announce(pending, problems);
    const isSubmitted = Boolean(line.submitted);
    this.blocked = obstacle({ link: line.link, isSubmitted, problems, pending });
    this.showStage();
    this.showCounts(pending);
  }

  /**
   * The page may be older than the server's last report: others mark too, and it may come from the
   * cache. A row where the clerk chose something else keeps the choice. If it is in no queue, it also
   * keeps its seen value, because the server compares the form with the current mark.
   */
  takeOverKnown() {
    let isChanged = false;
    for (const { member, status, at } of this.queue.known) {
      const row = Row.of(member);
      if (!row?.isOpen || row.seen === status || at <= row.markedAt) continue;
      const isUntouched = [row.seen, status].includes(row.chosen) || row.isProposal;
      const waits = this.queue.waits(member);
      if (!isUntouched && !waits) continue;
      row.seen = status;
      if (waits) continue;
      row.choose(status);
      isChanged = true;
    }
    if (isChanged) this.restored();
  }

  /** Tells static/js/roll.js that other marks are chosen. */
  restored() {
    this.roll?.dispatchEvent(new Event("roll:restored"));
  }

  /** Chooses in the rows what waits. */
  restore() {
    for (const mark of this.queue.marks) Row.of(mark.member)?.choose(mark.status);
    this.restored();
    this.render();
  }

  /**
   * Shows in the row of a mark what was decided about it, or that it is removed.
   * @param {Mark} mark
   * @param {string} decision
   */
  settle(mark, decision) {
    const row = Row.of(mark.member);
    if (!row?.isOpen) return;
    if (decision !== "mine") row.choose(row.seen);
    row.focus();
    this.restored();
    this.render();
  }

  /** A roll that was submitted elsewhere takes no more marks; queued marks are kept and named. */
  lock() {
    const { submitted } = this.line;
    const notice = this.part("[data-submitted]");
    // A page that was opened after the submission says so itself.
    notice.hidden = !submitted || !this.roll?.querySelector("[data-final]");
    need("[data-text]", HTMLElement, notice).textContent = submitted;
    const fields = every(".choice-input:not([data-own])", HTMLInputElement, this.roll);
    const buttons = every("[data-fill]", HTMLButtonElement, this.roll);
    for (const element of [...fields, ...buttons]) element.disabled = Boolean(submitted);
  }

  /** @param {Row} row */
  showState(row) {
    const { member, isProposal, chosen, seen } = row;
    const mark = this.queue.of(member);
    const isUnkept = this.queue.unkept.has(member);
    const isOnTheWay = this.queue.isOnTheWay(member);
    const state = stateOf({ mark, isUnkept, isOnTheWay, isProposal, chosen, seen });
    const place = need("[data-state]", HTMLElement, row.element);
    if (place.dataset.state === state) return;
    place.dataset.state = state;
    place.replaceChildren(...(state ? [this.word(state)] : []));
  }

  /** @param {string} name */
  word(name) {
    return copyOf(`template[data-word=${name}]`, this.device);
  }

  showProblems() {
    const { problems } = this.queue;
    const ids = problems.map((mark) => `problem-${mark.id}`);
    for (const item of every(".roll-problem", HTMLElement)) if (!ids.includes(item.id)) item.remove();
    for (const mark of problems) {
      if (!document.getElementById(`problem-${mark.id}`)) this.showProblem(mark);
    }
  }

  /** @param {Mark} mark */
  showProblem(mark) {
    const row = Row.of(mark.member);
    const item = need(".roll-problem", HTMLElement, copyOf("template[data-problem]", this.device));
    const canDecide = Boolean(mark.problem?.theirs && row?.isOpen);
    const label = copyOf(`template[data-label=${mark.status}]`, this.device);
    item.id = `problem-${mark.id}`;
    item.setAttribute("aria-label", mark.name);
    need("[data-name]", HTMLElement, item).textContent = row ? "" : mark.name;
    need("[data-text]", HTMLElement, item).textContent = mark.problem?.text ?? "";
    need("[data-mine]", HTMLElement, item).textContent = label.textContent;
    for (const button of every("[data-decide]", HTMLButtonElement, item)) {
      const decision = button.dataset.decide ?? "";
      button.hidden = canDecide === (decision === "drop");
      button.addEventListener("click", () => this.onDecide(mark, decision));
    }
    (row?.element ?? this.part("[data-homeless]")).append(item);
  }

  showStage() {
    const [place] = every("[data-stage]", HTMLElement, this.roll);
    if (!place) return;
    const { queue } = this;
    const open = Row.all(this.roll).filter((row) => row.isOpen);
    const now = stageOf({
      isSubmitted: Boolean(this.line.submitted),
      // If the server has reported any mark, there is a draft.
      isDraft: "draft" in this.device.dataset || queue.known.some((mark) => mark.status),
      hasUnsaved: open.some((row) => row.isChanged && !queue.of(row.member)),
      isQueued: queue.marks.length > queue.problems.length,
    });
    if (place.dataset.stage === now) return;
    place.dataset.stage = now;
    place.replaceChildren(this.word(now));
  }

  /** @param {number} pending */
  showCounts(pending) {
    const { roll, blocked } = this;
    const { problems } = this.queue;
    const [counter] = every("[data-pending]", HTMLElement, roll);
    if (!roll || !counter) return; // the roll is submitted, or this person may not take it
    counter.hidden = pending === 0;
    need("b", HTMLElement, counter).textContent = String(pending);
    const undecided = need("[data-undecided]", HTMLAnchorElement, roll);
    undecided.hidden = problems.length === 0;
    need("b", HTMLElement, undecided).textContent = String(problems.length);
    if (problems.length) undecided.href = `#problem-${problems[0].id}`;
    for (const sign of every("[data-sign]", HTMLElement, roll)) {
      sign.hidden = sign.dataset.sign !== this.line.link;
    }
    for (const button of every(":is([data-final], [data-numbers]) button", HTMLElement, roll)) {
      button.setAttribute("aria-disabled", String(Boolean(blocked)));
    }
    for (const reason of every("[data-why], [data-why-numbers]", HTMLElement, roll)) {
      reason.hidden = (reason.dataset.why ?? reason.dataset.whyNumbers) !== blocked;
    }
  }

  /**
   * Reports the result of marks that waited for the link, once none is waiting any more.
   * @param {number} pending
   * @param {number} problems
   */
  announce(pending, problems) {
    const said = this.part("[data-said]");
    if (pending) said.textContent = "";
    const result = this.waited.look(this.line.link, pending, problems);
    if (!result) return;
    const words = (result.left ? said.dataset.some : said.dataset.all) ?? "";
    const [saved, left] = [String(result.saved), String(result.left)];
    said.textContent = words.replace("{n}", saved).replace("{m}", left);
  }
}
