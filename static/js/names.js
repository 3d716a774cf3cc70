// Whether a name fits what was typed. Loaded before the modules that use it.

// An input method may produce full-width signs; the dot of a name, and spaces within it, may be
// left out or be others.
const bare = (text) =>
  text.normalize("NFKC").trim().toLowerCase().replace(/[\u00b7.\u30fb\u2022\u2027\u2219\u22c5]/g, "");

globalThis.fitsName = (names, text) =>
  [bare(text), bare(text).replace(/\s/g, "")].some((part) => bare(names).includes(part));

// Whether one of the names, which stand apart by spaces, begins with it.
globalThis.beginsName = (names, text) =>
  bare(names).split(/\s+/).some((name) => name.startsWith(bare(text).replace(/\s/g, "")));
