// @ts-check
// One trainee of a roll as the page has them (templates/rolls/roll_row.html).

import { every, need } from "../dom.js";

export class Row {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /** @param {number} member */
  static of(member) {
    const element = document.getElementById(`member-${member}`);
    return element && new Row(element);
  }

  /** @param {ParentNode | null} roll */
  static all(roll) {
    return every(".roll-row", HTMLElement, roll).map((element) => new Row(element));
  }

  get member() {
    return Number(this.element.id.replace("member-", ""));
  }

  get name() {
    return need(".roll-name", HTMLElement, this.element).textContent ?? "";
  }

  get radios() {
    return every("input[type=radio]", HTMLInputElement, this.element);
  }

  get chosenRadio() {
    return this.radios.find((radio) => radio.checked);
  }

  get chosen() {
    return this.chosenRadio?.value ?? "";
  }

  /** What the page has for this member. */
  get choice() {
    return { name: this.name, status: this.chosen, seen: this.seen };
  }

  /** @param {string} status */
  choose(status) {
    for (const radio of this.radios) radio.checked = radio.value === status;
  }

  focus() {
    (this.chosenRadio ?? this.radios[0]).focus();
  }

  get seenInput() {
    return every("input[name^=seen-]", HTMLInputElement, this.element)[0];
  }

  /** Whether marks can be made in it. */
  get isOpen() {
    return Boolean(this.seenInput);
  }

  /** The mark that the page has seen, "" for none. */
  get seen() {
    return this.seenInput?.value ?? "";
  }

  /** @param {string} status */
  set seen(status) {
    if (this.seenInput) this.seenInput.value = status;
  }

  /** When the mark was made that came with the page; 0 where none did. */
  get markedAt() {
    return Date.parse(this.element.dataset.marked ?? "") || 0;
  }

  /** Accepted leave is preselected; it is no mark until it is saved. */
  get isProposal() {
    const isPreselected = "leave" in this.element.dataset && this.isOpen;
    return isPreselected && !this.seen && this.chosen === "on_leave";
  }

  /** What was chosen and is not the mark that the page has seen. */
  get isChanged() {
    return this.chosen !== "" && this.chosen !== this.seen && !this.isProposal;
  }
}
