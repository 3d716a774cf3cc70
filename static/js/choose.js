// @ts-check
// Choosing by typing (config/lib/type_ahead.py): a long select, boxes of which few are ticked, a text
// that names one of very many, rows to tick or read. Without this file all of them are plain fields.

import { tickByTyping } from "./choose/boxes.js";
import { narrow } from "./choose/narrow.js";
import { typeAhead } from "./choose/selects.js";
import { typeAheadText } from "./choose/texts.js";
import { every } from "./dom.js";

every("select[data-type-ahead]", HTMLSelectElement).forEach(typeAhead);
every("input[data-type-ahead]", HTMLInputElement).forEach(typeAheadText);
every("[data-several]", HTMLElement).forEach(tickByTyping);
every("[data-narrow]", HTMLElement).forEach(narrow);
