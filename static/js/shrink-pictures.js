// @ts-check
// Shrinks large images before upload, and holds back what is too large even so: the server could
// not read the form. Without this file they are uploaded as they are.

import { every } from "./dom.js";

const LONGEST_SIDE = 2000;
const QUALITY = 0.85;
/** @type {WeakMap<HTMLFormElement, Promise<unknown>>} the shrinking still under way */
const waiting = new WeakMap();

/** @param {File} file */
async function shrink(file) {
  if (!file.type.startsWith("image/")) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.fillStyle = "white"; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  /** @type {Blob | null} */
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: blob.type });
}

/** @param {HTMLInputElement} input */
const filesOf = (input) => [...(input.files ?? [])];

/** @param {HTMLInputElement} input */
async function shrinkAll(input) {
  const chosen = filesOf(input);
  const transfer = new DataTransfer();
  for (const file of chosen) {
    // If the browser cannot read a file, the server decides about it.
    transfer.items.add(await shrink(file).catch(() => file));
  }
  const now = filesOf(input);
  const isStill = chosen.length === now.length && chosen.every((file, place) => file === now[place]);
  if (isStill) input.files = transfer.files;
}

const inputs = every("input[type=file][data-shrink]", HTMLInputElement);

for (const input of inputs) {
  const { form } = input;
  if (!form) continue;
  input.addEventListener("change", () => {
    const before = waiting.get(form);
    const work = Promise.all([before, shrinkAll(input)]).finally(() => {
      if (waiting.get(form) === work) waiting.delete(form);
    });
    waiting.set(form, work);
  });
}

/** @param {SubmitEvent} event */
function holdBack(event) {
  const own = inputs.filter((input) => input.form === event.target);
  const sum = own.flatMap(filesOf).reduce((all, file) => all + file.size, 0);
  const chosen = own.find((input) => filesOf(input).length) ?? own[0];
  const { most, tooLarge = "" } = chosen.dataset;
  chosen.setCustomValidity(sum > Number(most) ? tooLarge : "");
  if (!chosen.reportValidity()) event.preventDefault();
}

for (const form of new Set(inputs.map((input) => input.form))) {
  form?.addEventListener("submit", async (event) => {
    if (!waiting.has(form)) return holdBack(event);
    event.preventDefault();
    const button = event.submitter;
    while (waiting.has(form)) await waiting.get(form);
    form.requestSubmit(button);
  });
}
