// @ts-check
// What a page has: a script fails at once, by name, where its page lacks what it needs.

const TOKEN = "[name=csrfmiddlewaretoken]";

/**
 * The first element within `root` that fits.
 * @template {Element} E
 * @param {string} selector
 * @param {new (...args: never[]) => E} kind
 * @param {ParentNode} [root]
 * @returns {E}
 */
export function need(selector, kind, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} ${selector}`);
  return found;
}

/**
 * All elements of a kind within `root` that fit.
 * @template {Element} E
 * @param {string} selector
 * @param {new (...args: never[]) => E} kind
 * @param {ParentNode | null} [root]
 * @returns {E[]}
 */
export function every(selector, kind, root = document) {
  const found = [...(root?.querySelectorAll(selector) ?? [])];
  return /** @type {E[]} */ (found.filter((element) => element instanceof kind));
}

/**
 * The nearest element around the target of an event that fits.
 * @param {Event} event
 * @param {string} selector
 */
export const around = ({ target }, selector) =>
  target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(selector)) : null;

/** @param {string} id */
export const needId = (id) => need(`#${id}`, HTMLElement);

/**
 * A copy of what a template holds.
 * @param {string} selector
 * @param {ParentNode} [root]
 */
export const copyOf = (selector, root = document) =>
  /** @type {DocumentFragment} */ (need(selector, HTMLTemplateElement, root).content.cloneNode(true));

/**
 * The token of a page's forms against forged requests; "" where it has none.
 * @param {ParentNode} page
 */
export const tokenOf = (page) => every(TOKEN, HTMLInputElement, page)[0]?.value ?? "";

/** @param {string} html */
export const readToken = (html) => tokenOf(new DOMParser().parseFromString(html, "text/html"));

/** @param {string} token */
export function takeOverToken(token) {
  for (const input of every(TOKEN, HTMLInputElement)) input.value = token;
}
