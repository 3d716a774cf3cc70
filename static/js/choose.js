// Choosing by typing (config/lib/type_ahead.py): a long select, a text that names one of very many,
// rows to tick or read. What a select offers stands in the page, with why it is not free; the hits
// of a text come from the server. Without this file all of them are plain fields.
// The pattern is the editable combobox with a list box of the ARIA Authoring Practices Guide.

const PAUSE_MS = 200;

function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

const within = (template, n) => template.replace("{n}", n);

// A text field with a list of what fits. `source` says what there is (`search`), takes what is
// picked (`pick`), and puts the field in order when it is left or given up (`settle`).
class Combobox {
  constructor(input, source, words) {
    Object.assign(this, { input, source, words, active: null, isTyped: false });
    const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    const name = label ? label.firstChild.textContent.trim() : "";
    this.list = make("div", { role: "listbox", id: `${input.id}-list`, class: "choose-list", "aria-label": name });
    this.list.hidden = true;
    this.status = make("span", { role: "status", class: "visually-hidden" });
    const box = make("div", { class: "choose" });
    input.before(box);
    box.append(input, make("div", { class: "choose-below" }, this.list, this.status)); // over what follows
    for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, autocomplete: "off" })) {
      input.setAttribute(key, value);
    }
    this.listen();
  }

  listen() {
    const { input, list } = this;
    const typed = () => {
      this.isTyped = true;
      this.search();
    };
    // While an input method composes, nothing is typed yet.
    input.addEventListener("input", (event) => event.isComposing || typed());
    input.addEventListener("compositionend", typed);
    input.addEventListener("click", () => this.isOpen || this.search());
    input.addEventListener("keydown", (event) => event.isComposing || this.press(event));
    input.addEventListener("blur", () => {
      this.close();
      if (this.isTyped) this.source.settle(this.shown ?? []);
      this.isTyped = false;
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  press(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
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

  // `found`: hits (value, text, why, group, isRefused, isChosen), and whether there are `more`.
  show({ hits, more = false, isUntyped = false }) {
    const groups = new Map();
    this.shown = hits;
    this.list.replaceChildren();
    hits.forEach((hit, place) => {
      const option = make("div", { role: "option", id: `${this.list.id}-${place}`, class: "choose-option" }, make("span", {}, hit.text));
      if (hit.why) option.append(make("span", { class: "choose-why" }, hit.why));
      if (hit.isRefused) option.setAttribute("aria-disabled", "true");
      option.hit = hit;
      if (!groups.has(hit.group)) {
        const head = make("div", { class: "choose-group", "aria-hidden": "true" }, hit.group ?? "");
        const group = hit.group ? make("div", { role: "group", "aria-label": hit.group }, head) : this.list;
        groups.set(hit.group, group);
        if (hit.group) this.list.append(group);
      }
      groups.get(hit.group).append(option);
    });
    const { found, nothing, more: andMore } = this.words;
    this.list.hidden = hits.length === 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    const said = hits.length ? `${within(found, hits.length)} ${more ? andMore : ""}` : nothing;
    this.tell(isUntyped ? "" : said, { isShown: !isUntyped && (!hits.length || more) });
    const options = this.options;
    this.mark(options.find((one) => one.hit.isChosen) ?? (this.isTyped ? this.meant(options) : null));
    this.list.parentElement.scrollIntoView({ block: "nearest" });
  }

  // Whom Enter picks: who has the name that is typed, nobody if they are refused, else the first.
  meant(options) {
    const typed = this.input.value.trim();
    const named = options.filter(({ hit }) => hit.text.split(" ")[0] === typed);
    return (named.length ? named : options).find(({ hit }) => !hit.isRefused) ?? null;
  }

  // Said to those who listen; what the list cannot show is shown below it as well.
  tell(text, { isShown = false } = {}) {
    this.status.textContent = text;
    this.status.className = isShown ? "choose-status" : "visually-hidden";
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  move(step) {
    const options = this.options;
    const place = options.indexOf(this.active);
    this.mark(options.at(place < 0 && step < 0 ? -1 : (place + step) % options.length));
  }

  mark(option) {
    this.active?.removeAttribute("aria-selected");
    this.active = option ?? null;
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  choose({ hit }) {
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

const wordsOf = ({ dataset }) => ({ found: dataset.found, more: dataset.more, nothing: dataset.nothing });

// Selects --------------------------------------------------------------------------------------

function hitOf(option) {
  const { find = "", why = "" } = option.dataset;
  const whole = option.textContent;
  const text = why ? whole.slice(0, -why.length).replace(/[:\uff1a]\s*$/, "") : whole;
  const group = option.closest("optgroup")?.label;
  return { value: option.value, text, why, group, find, isRefused: option.disabled, isChosen: option.selected };
}

function typeAheadOf(select) {
  const input = make("input", { type: "text", class: select.className, id: select.id, spellcheck: "false" });
  for (const name of ["aria-describedby", "aria-invalid", "required", "disabled"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  select.required = false; // a field out of sight cannot be pointed at
  select.before(input);
  select.id = `${select.id}-select`;
  select.hidden = true;

  const why = make("p", { class: "choose-chosen", id: `${input.id}-why` });
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), why.id].filter(Boolean).join(" "));
  const hits = () => [...select.options].filter((option) => option.value).map(hitOf);
  const empty = () => [...select.options].find((option) => !option.value);
  function restore() {
    const option = select.selectedOptions[0];
    const hit = option?.value ? hitOf(option) : null;
    input.value = hit?.text ?? "";
    why.textContent = hit?.why ?? "";
    why.hidden = !hit?.why;
    const none = empty()?.textContent ?? "";
    input.placeholder = /^-*$/.test(none) ? "" : none;
  }
  function pick({ value }) {
    const isOther = select.value !== value;
    select.value = value;
    restore();
    if (isOther) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const source = {
    restore,
    pick,
    // Within its group, what begins with the text comes first.
    search(text) {
      const all = hits();
      if (!text?.trim()) return { hits: all };
      const groups = [...new Set(all.map((hit) => hit.group))];
      const names = (hit) => `${hit.text} ${hit.find}`;
      const rank = (hit) => 2 * groups.indexOf(hit.group) + (beginsName(names(hit), text) ? 0 : 1);
      return { hits: all.filter((hit) => fitsName(names(hit), text)).sort((one, other) => rank(one) - rank(other)) };
    },
    // Left without picking: the only hit, nothing if the text is empty, else what was chosen before.
    // A hit that is refused counts: who types its name means it, and not somebody alike.
    settle(shown) {
      if (!input.value.trim() && empty()) pick({ value: "" });
      else if (input.value.trim() && shown.length === 1 && !shown[0].isRefused) pick(shown[0]);
      else restore();
    },
  };
  const combobox = new Combobox(input, source, wordsOf(select));
  combobox.list.parentElement.after(why);
  input.addEventListener("change", (event) => event.stopPropagation()); // that of the select counts
  // What is typed takes the place of what is chosen.
  for (const event of ["focus", "click"]) input.addEventListener(event, () => combobox.isTyped || input.select());
  // Other options came for another time, or a browser filled the form in again.
  new MutationObserver(() => {
    if (!combobox.isTyped) restore();
    if (combobox.isOpen) combobox.search();
  }).observe(select, { childList: true });
  addEventListener("pageshow", restore);
  restore();
}

// Boxes of which few are ticked ----------------------------------------------------------------

// The text field ticks one of the others; only those that are ticked show.
function severalOf(place) {
  const rows = [...place.querySelectorAll("input[type=checkbox]")].map((box) => ({ box, row: box.closest(".option") }));
  const label = make("label", { for: place.dataset.several, class: "form-label" }, place.dataset.label);
  const input = make("input", { type: "text", class: "form-control", id: place.dataset.several, spellcheck: "false" });
  place.prepend(label, input);
  place.classList.add("is-chosen");
  const show = () => rows.forEach(({ box, row }) => (row.hidden = !box.checked));
  const clear = () => (input.value = "");
  const hit = ({ box, row }) => ({ value: box.value, text: row.textContent.trim(), find: box.dataset.find, box });
  const source = {
    restore: clear,
    settle: clear,
    search(text) {
      const others = rows.filter(({ box }) => !box.checked).map(hit);
      const rank = ({ find }) => (beginsName(find, text) ? 0 : 1);
      if (!text?.trim()) return { hits: others };
      return { hits: others.filter(({ find }) => fitsName(find, text)).sort((one, other) => rank(one) - rank(other)) };
    },
    pick({ box }) {
      box.checked = true;
      clear();
      show();
    },
  };
  new Combobox(input, source, wordsOf(place));
  place.addEventListener("change", ({ target }) => {
    if (target === input) return;
    show();
    input.focus(); // what was unticked is out of sight
  });
  show();
}

// Texts ----------------------------------------------------------------------------------------

function typeAheadTextOf(input) {
  let asked = new AbortController();
  async function search(text) {
    asked.abort();
    asked = new AbortController();
    if (!text?.trim()) return { hits: [], isUntyped: true };
    const { signal } = asked;
    const address = new URL(input.dataset.typeAhead, location.href);
    address.searchParams.set("q", text);
    const day = input.form?.elements[input.dataset.day]?.value;
    if (day) address.searchParams.set("on", day);
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

// Rows -----------------------------------------------------------------------------------------

function narrow(place) {
  const filter = place.querySelector("[data-filter]");
  const rows = [...place.querySelectorAll("[data-find]")].map((named) => ({
    find: named.dataset.find,
    row: named.closest("tr, li, .option, .person"),
  }));
  const nobody = place.querySelector("[data-nobody]");
  filter.addEventListener("input", () => {
    for (const { find, row } of rows) row.hidden = !fitsName(find, filter.value);
    nobody.hidden = rows.some(({ row }) => !row.hidden);
    if (!filter.value.trim()) return;
    for (const folded of place.querySelectorAll("details")) {
      folded.open = rows.some(({ row }) => !row.hidden && folded.contains(row));
    }
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would submit the form
  });
  filter.closest(".people-filter").hidden = rows.length < 10;
  const total = place.querySelector("[data-count]");
  const boxes = [...place.querySelectorAll("input[type=checkbox]")];
  const count = () => (total.textContent = boxes.filter((box) => box.checked).length);
  if (total) {
    place.addEventListener("change", count);
    count();
  }
}

for (const select of document.querySelectorAll("select[data-type-ahead]")) typeAheadOf(select);
for (const input of document.querySelectorAll("input[data-type-ahead]")) typeAheadTextOf(input);
for (const place of document.querySelectorAll("[data-several]")) severalOf(place);
for (const place of document.querySelectorAll("[data-narrow]")) narrow(place);
