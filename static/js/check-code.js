// Fills in the code that a QR code put behind the # of the address. Without this file it is typed.

const field = document.querySelector("input[name=code]");
const code = decodeURIComponent(location.hash.slice(1));

if (field && /^[A-Z0-9-]{1,40}$/.test(code)) {
  field.value = code;
  document.querySelector("input[name=name]").focus();
  history.replaceState(null, "", location.pathname + location.search); // not into the history
}
