// @ts-check
// Sends again and again until nothing is left; after a failure it waits, each time twice as long.

/** @typedef {"more" | "done" | "later"} Step what is left to do after one sending */

export class Sender {
  /**
   * `send` sends once. If it fails by itself, as a store may, it is tried again after the longest wait.
   * @param {object} options
   * @param {() => Promise<Step>} options.send
   * @param {number} options.firstMs the wait after the first failure
   * @param {number} options.lastMs the longest wait
   */
  constructor({ send, firstMs, lastMs }) {
    this.send = send;
    this.firstMs = firstMs;
    this.lastMs = lastMs;
    this.waitMs = firstMs;
    this.isSending = false;
    this.isWanted = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry = undefined;
  }

  /** Sends what is left, once more if it is sending already: something may have come meanwhile. */
  async now() {
    this.isWanted = true;
    if (this.isSending) return;
    this.isSending = true;
    try {
      while (this.isWanted) {
        this.isWanted = false;
        await this.sendAll();
      }
    } catch {
      this.after(this.lastMs);
    } finally {
      this.isSending = false;
    }
  }

  async sendAll() {
    let step = await this.send();
    while (step === "more") step = await this.send();
    if (step === "later") return this.later();
    clearTimeout(this.retry);
    this.waitMs = this.firstMs;
  }

  /** Tries again after the wait. */
  later() {
    this.after(this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, this.lastMs);
  }

  /** @param {number} ms */
  after(ms) {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.now(), ms);
  }
}
