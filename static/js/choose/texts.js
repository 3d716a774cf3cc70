// @ts-check
// A text that names one of very many: the hits come from the server.

import { Combobox, wordsOf } from "./combobox.js";

/** @typedef {import("./combobox.js").Found} Found */
/** @typedef {import("./combobox.js").Source} Source */

const PAUSE_MS = 200;

/** @param {HTMLInputElement} input */
export function typeAheadText(input) {
  let asked = new AbortController();
  /**
   * @param {string | null} text
   * @returns {Promise<Found | null>}
   */
  async function search(text) {
    asked.abort();
    asked = new AbortController();
    if (!text?.trim()) return { hits: [], isUntyped: true };
    const { signal } = asked;
    const { typeAhead: asks = "", day: named = "" } = input.dataset;
    const address = new URL(asks, location.href);
    address.searchParams.set("q", text);
    const day = input.form?.elements.namedItem(named);
    if (day && "value" in day && day.value) address.searchParams.set("on", String(day.value));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (signal.aborted) return null;
    try {
      const reply = await fetch(address, { signal, headers: { Accept: "application/json" } });
      return reply.ok ? await reply.json() : null;
    } catch {
      return null; // the text is sent as it was typed, and the server looks it up
    }
  }
  let before = input.value;
  /** @type {Source} */
  const source = {
    search,
    restore() {
      input.value = before;
    },
    pick({ value }) {
      before = input.value = value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
    settle() {
      before = input.value; // what was typed stays
    },
  };
  new Combobox(input, source, wordsOf(input));
}
