// @ts-check
// Every mark is saved when it is made, with or without a network: it goes into the queue on this
// device (static/js/rolls/marks.js), from there to the server, and what becomes of it is shown
// (static/js/rolls/view.js). Without this file the page is a plain form.

import { Sender } from "./device/sender.js";
import { DeviceStore } from "./device/store.js";
import { Transport } from "./device/transport.js";
import { every, readToken, takeOverToken, tokenOf } from "./dom.js";
import { bodyOf, MarkQueue } from "./rolls/marks.js";
import { keepPage } from "./rolls/offline.js";
import { Row } from "./rolls/rows.js";
import { RollView } from "./rolls/view.js";

/** @typedef {import("./device/sender.js").Step} Step */
/** @typedef {import("./device/transport.js").Link} Link */
/** @typedef {import("./rolls/marks.js").Mark} Mark */

const PATIENCE_MS = 30_000;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
const A_MINUTE_MS = 60_000;

class RollOnDevice {
  /** @param {HTMLElement} device */
  constructor(device) {
    const { session, person, title = "", marks = "" } = device.dataset;
    const owner = { session: Number(session), person: Number(person) };
    this.device = device;
    this.roll = document.getElementById("roll");
    this.person = owner.person;
    this.isCurious = false; // whether to ask for the state of the roll without a mark to send
    const onClosed = () => this.storeAnew();
    this.queue = new MarkQueue({
      ...owner,
      title,
      store: new DeviceStore({ ...owner, store: "marks", facts: "known", onClosed }),
      onChange: () => this.view.render(),
    });
    /** @type {import("./rolls/view.js").Line} */
    this.line = { link: "ok", told: "", submitted: "" };
    this.view = new RollView({
      device,
      roll: this.roll,
      queue: this.queue,
      line: this.line,
      // If the store fails, the decision stays open, which is shown.
      onDecide: (mark, decision) => this.decide(mark, decision).catch(() => {}),
    });
    this.transport = new Transport({
      address: marks,
      page: location.pathname,
      token: tokenOf(document),
      patience: PATIENCE_MS,
      links: { 401: "signed-out", 403: "signed-out", 409: "stranger" },
      readToken,
    });
    const [firstMs, lastMs] = [FIRST_RETRY_MS, LAST_RETRY_MS];
    this.sender = new Sender({ send: () => this.send(), firstMs, lastMs });
  }

  /**
   * The browser closed the store because its data was deleted or the disk failed. During the deletion
   * it refuses to open a new one.
   */
  storeAnew() {
    this.queue.read().then(
      () => this.sender.now(),
      () => setTimeout(() => this.storeAnew(), FIRST_RETRY_MS),
    );
  }

  /** @param {number[]} members */
  async keep(members) {
    await this.queue.keep(
      members,
      (member) => /** @type {Row} */ (Row.of(member)).choice,
    );
    this.sender.now();
  }

  /**
   * @param {Mark} mark
   * @param {string} decision
   */
  async decide(mark, decision) {
    await this.queue.decide(mark, decision, () => Row.of(mark.member)?.seen ?? "");
    this.view.settle(mark, decision);
    this.sender.now();
  }

  /**
   * Sends one batch of marks.
   * @returns {Promise<Step>}
   */
  async send() {
    if (!this.transport.isOnline()) return this.setLink("offline");
    const batch = await this.queue.take();
    if (batch.length === 0 && !this.isCurious) {
      // The network may have failed meanwhile.
      return this.setLink(this.transport.isOnline() ? "ok" : "offline");
    }
    const { link, status, answer } = await this.transport.send((token) => ({
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: bodyOf(this.person, batch),
    }));
    if (link !== "ok") return this.setLink(link);
    if (status === 422) return this.setLink(answer.error ? "told" : "fault", answer.error);
    // It is still the same person, so this page's forms get a new token too.
    takeOverToken(this.transport.token);
    this.isCurious = false;
    this.line.submitted = answer.submitted;
    await this.queue.applyAnswer(answer);
    return "more";
  }

  /**
   * @param {Link} link
   * @param {string} [told] what the server said
   * @returns {Step}
   */
  setLink(link, told = "") {
    const hasSignedIn = ["signed-out", "stranger"].includes(this.line.link) && link === "ok";
    Object.assign(this.line, { link, told });
    this.view.render();
    if (hasSignedIn) this.keepPage(); // the sign-in page has deleted it
    return link === "ok" ? "done" : "later";
  }

  async keepPage() {
    if (!(await keepPage(this.device.dataset.worker ?? ""))) return;
    this.view.part("[data-ready]").hidden = false;
  }

  /**
   * Others may have marked or submitted while this page was hidden or offline, or while the clerk
   * worked in another window.
   */
  askAnew() {
    if (document.hidden) return;
    this.openOnTheDay();
    this.isCurious = Boolean(this.roll?.querySelector("[data-final]")) && !this.isAhead;
    this.sender.now();
  }

  /**
   * A roll that is opened before its day takes marks from that day on, also offline. The device's
   * clock enables it; the server decides whether a mark is too early.
   */
  get isAhead() {
    const { opens } = this.device.dataset;
    const here = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
    return opens !== undefined && here < opens;
  }

  openOnTheDay() {
    const [all] = every("fieldset:disabled", HTMLFieldSetElement, this.roll);
    if (!all || this.isAhead) return;
    all.disabled = false;
    for (const notice of every("[data-ahead]", HTMLElement)) notice.hidden = true;
  }

  async start() {
    const { roll } = this;
    // Registered first, because users are quick. In a browser without a store, the form does it all.
    // The first mark makes the roll a draft, so preselected leave is saved with it.
    roll?.addEventListener("roll:marked", (event) => {
      const { detail } = /** @type {CustomEvent<number[]>} */ (event);
      const proposed = Row.all(roll).filter((row) => row.isProposal);
      this.keep([...detail, ...proposed.map((row) => row.member)]);
    });
    try {
      await this.queue.read();
    } catch {
      return;
    }
    if (!roll) return;
    this.view.restore();
    this.listen(roll);
    this.openOnTheDay();
    setInterval(() => this.openOnTheDay(), A_MINUTE_MS);
    this.sender.now();
    if (roll.querySelector("input[name^=seen-]")) this.keepPage();
  }

  /** @param {HTMLElement} roll */
  listen(roll) {
    roll.addEventListener(
      "submit",
      (event) => {
        if (!this.view.blocked || event.submitter?.dataset.fill !== undefined) return;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true,
    );
    addEventListener("online", () => this.askAnew());
    addEventListener("focus", () => this.askAnew());
    addEventListener("offline", () => {
      this.setLink("offline");
      this.sender.later();
    });
    document.addEventListener("visibilitychange", () => this.askAnew());
  }
}

/** The page stands at what became of the form; the browser may keep the former place. */
function showWhatBecame() {
  const done = every(".error-summary", HTMLElement)[0] ?? document.getElementById("roll-done");
  done?.scrollIntoView({ block: "center" });
  done?.focus({ preventScroll: true });
}

const device = document.getElementById("roll-device");
if (device && "randomUUID" in crypto) {
  showWhatBecame();
  new RollOnDevice(device).start();
}
