// @ts-check
// Whether a name fits what was typed, as a whole or in each of its parts.

/**
 * An input method may produce full-width signs; the dot of a name, and spaces within it, may be
 * left out or be others.
 * @param {string} text
 */
const bare = (text) =>
  text.normalize("NFKC").trim().toLowerCase().replace(/[\u00b7.\u30fb\u2022\u2027\u2219\u22c5]/g, "");

/**
 * A word that begins with "~" is spelled out: three of its letters must begin it.
 * @param {string} names
 * @param {string} text what was typed
 */
export function fitsName(names, text) {
  const words = bare(names).split(" ");
  const plain = words.filter((word) => !word.startsWith("~")).join(" ");
  /** @param {string} part */
  const isSpelled = (part) => part.length > 2 && words.some((word) => word.startsWith(`~${part}`));
  /** @param {string} part */
  const fits = (part) => plain.includes(part) || isSpelled(part);
  return fits(bare(text).replace(/\s/g, "")) || bare(text).split(/\s+/).every(fits);
}

/**
 * Whether one of the names, which stand apart by spaces, begins with what was typed.
 * @param {string} names
 * @param {string} text what was typed
 */
export const beginsName = (names, text) =>
  bare(names).split(/\s+/).some((name) => name.startsWith(bare(text).replace(/\s/g, "")));
