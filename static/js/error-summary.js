// @ts-check
// Moves the focus to the error summary of a returned form, so that it is read out first.

import { every } from "./dom.js";

every(".error-summary", HTMLElement)[0]?.focus();
