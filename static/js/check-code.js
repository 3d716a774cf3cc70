// @ts-check
// Fills in the code that a QR code put behind the # of the address. Without this file it is typed.

import { every, need } from "./dom.js";

const [field] = every("input[name=code]", HTMLInputElement);
const code = decodeURIComponent(location.hash.slice(1));

if (field && /^[A-Z0-9-]{1,40}$/.test(code)) {
  field.value = code;
  need("input[name=name]", HTMLInputElement).focus();
  history.replaceState(null, "", location.pathname + location.search); // not into the history
}
