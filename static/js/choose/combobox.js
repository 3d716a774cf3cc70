// @ts-check
// The editable combobox with a list box of the ARIA Authoring Practices Guide.

import { around } from "../dom.js";

/**
 * What fits. `find` are further words by which it is found; `why` says why it is not free.
 * @typedef {object} Hit
 * @property {string} value
 * @property {string} text
 * @property {string} [why]
 * @property {string} [group]
 * @property {string} [find]
 * @property {boolean} [isRefused]
 * @property {boolean} [isChosen]
 */

/** @typedef {{hits: Hit[], more?: boolean, isUntyped?: boolean}} Found `more`: not all are listed */

/** @typedef {{found: string, more: string, nothing: string}} Words */

/**
 * Where a field takes its hits from. `search` says what there is (null where another search took its
 * place); `pick` takes what is picked; `settle` puts the field in order when it is left, `restore` when
 * it is given up.
 * @typedef {object} Source
 * @property {(text: string | null) => Found | null | Promise<Found | null>} search
 * @property {(hit: Hit) => void} pick
 * @property {(shown: Hit[]) => void} settle
 * @property {() => void} restore
 */

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} content
 */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  setAll(element, attributes);
  element.append(...content);
  return element;
}

/** @param {Record<string, string>} attributes */
export const makeInput = (attributes) =>
  make("input", { type: "text", spellcheck: "false", ...attributes });

/**
 * @param {Element} element
 * @param {Record<string, string>} attributes
 */
function setAll(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
}

/** A text field with a list of what fits. */
export class Combobox {
  /**
   * @param {HTMLInputElement} input
   * @param {Source} source
   * @param {Words} words
   */
  constructor(input, source, words) {
    this.input = input;
    this.source = source;
    this.words = words;
    this.isTyped = false;
    /** @type {HTMLElement | null} */
    this.active = null;
    /** @type {Hit[]} */
    this.shown = [];
    /** @type {Map<HTMLElement, Hit>} */
    this.hits = new Map();
    const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    const name = label?.firstChild?.textContent?.trim() ?? "";
    const id = `${input.id}-list`;
    this.list = make("div", { role: "listbox", id, class: "choose-list", "aria-label": name });
    this.list.hidden = true;
    this.status = make("span", { role: "status", class: "visually-hidden" });
    const box = make("div", { class: "choose" });
    this.below = make("div", { class: "choose-below" }, this.list, this.status); // over what follows
    input.before(box);
    box.append(input, this.below);
    setAll(input, {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
      autocomplete: "off",
    });
    this.listen();
  }

  listen() {
    const { input, list } = this;
    const typed = () => {
      this.isTyped = true;
      this.search();
    };
    // While an input method composes, nothing is typed yet.
    input.addEventListener("input", (event) => {
      if (!(/** @type {InputEvent} */ (event).isComposing)) typed();
    });
    input.addEventListener("compositionend", typed);
    input.addEventListener("click", () => this.isOpen || this.search());
    input.addEventListener("keydown", (event) => event.isComposing || this.press(event));
    input.addEventListener("blur", () => {
      this.close();
      if (this.isTyped) this.source.settle(this.shown);
      this.isTyped = false;
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const option = around(event, "[role=option]");
      if (option) this.choose(option);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      if (this.isOpen) this.move(step);
      else this.search();
    } else if (event.key === "Enter") {
      // It picks, and never sends a form that writes; a filter is sent once something is picked.
      if (this.isOpen || this.input.form?.method !== "get") event.preventDefault();
      if (this.isOpen && this.active) this.choose(this.active);
    } else if (event.key === "Escape" && (this.isOpen || this.isTyped)) {
      event.preventDefault();
      this.close();
      this.isTyped = false;
      this.source.restore();
    }
  }

  async search() {
    const found = await this.source.search(this.isTyped ? this.input.value : null);
    if (found && document.activeElement === this.input) this.show(found);
  }

  /** @param {Found} found */
  show({ hits, more = false, isUntyped = false }) {
    this.shown = hits;
    this.fill(hits);
    const { found, nothing, more: andMore } = this.words;
    this.list.hidden = hits.length === 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    const count = found.replace("{n}", String(hits.length));
    const said = hits.length ? `${count} ${more ? andMore : ""}` : nothing;
    this.tell(isUntyped ? "" : said, { isShown: !isUntyped && (!hits.length || more) });
    const chosen = this.options.find((option) => this.hitOf(option).isChosen);
    this.mark(chosen ?? (this.isTyped ? this.meant() : null));
    this.below.scrollIntoView({ block: "nearest" });
  }

  /**
   * Puts the hits into the list, those of a group below its head.
   * @param {Hit[]} hits
   */
  fill(hits) {
    /** @type {Map<string | undefined, HTMLElement>} */
    const groups = new Map([[undefined, this.list]]);
    this.list.replaceChildren();
    this.hits.clear();
    hits.forEach((hit, place) => {
      const id = `${this.list.id}-${place}`;
      const option = make("div", { role: "option", id, class: "choose-option" });
      option.append(make("span", {}, hit.text));
      if (hit.why) option.append(make("span", { class: "choose-why" }, hit.why));
      if (hit.isRefused) option.setAttribute("aria-disabled", "true");
      this.hits.set(option, hit);
      const name = hit.group || undefined;
      if (!groups.has(name)) {
        const head = make("div", { class: "choose-group", "aria-hidden": "true" }, name ?? "");
        const group = make("div", { role: "group", "aria-label": name ?? "" }, head);
        groups.set(name, group);
        this.list.append(group);
      }
      groups.get(name)?.append(option);
    });
  }

  /** Whom Enter picks: who has the name that is typed, nobody if they are refused, else the first. */
  meant() {
    const typed = this.input.value.trim();
    const named = this.options.filter((option) => this.hitOf(option).text.split(" ")[0] === typed);
    const meant = named.length ? named : this.options;
    return meant.find((option) => !this.hitOf(option).isRefused) ?? null;
  }

  /**
   * @param {HTMLElement} option
   * @returns {Hit}
   */
  hitOf(option) {
    return /** @type {Hit} */ (this.hits.get(option));
  }

  /**
   * Said to those who listen; what the list cannot show is shown below it as well.
   * @param {string} text
   * @param {{isShown?: boolean}} [options]
   */
  tell(text, { isShown = false } = {}) {
    this.status.textContent = text;
    this.status.className = isShown ? "choose-status" : "visually-hidden";
  }

  get options() {
    return [...this.hits.keys()];
  }

  /** @param {number} step */
  move(step) {
    const { active, options } = this;
    const place = active ? options.indexOf(active) : -1;
    this.mark(options.at(place < 0 && step < 0 ? -1 : (place + step) % options.length));
  }

  /** @param {HTMLElement | null} [option] */
  mark(option = null) {
    this.active?.removeAttribute("aria-selected");
    this.active = option;
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  /** @param {HTMLElement} option */
  choose(option) {
    const hit = this.hitOf(option);
    if (hit.isRefused) {
      this.status.textContent = `${hit.text}: ${hit.why}`;
      return;
    }
    this.isTyped = false;
    this.close();
    this.source.pick(hit);
  }

  close() {
    this.list.hidden = true;
    this.mark(null);
    this.tell("");
    this.input.setAttribute("aria-expanded", "false");
  }
}

/**
 * The words that the field brings along.
 * @param {HTMLElement} field
 * @returns {Words}
 */
export function wordsOf({ dataset: { found = "", more = "", nothing = "" } }) {
  return { found, more, nothing };
}
