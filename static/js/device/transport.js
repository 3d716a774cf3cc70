// @ts-check
// Sends what waits on a device, and tells how the line stands. Nothing that answers in the portal's
// place is taken for its answer.

/**
 * "ok", or why nothing was taken: no network; the sign-in has ended; somebody else is signed in; what
 * came is no answer of the portal; the portal said why not.
 * @typedef {"ok" | "offline" | "signed-out" | "stranger" | "fault" | "told"} Link
 */

/** @typedef {{link: Link, status?: number, answer?: any}} Outcome */

export class Transport {
  /**
   * `page` is read for a new token. `links` says what a status means, 0 standing for a redirect; any
   * other that is neither 2xx nor 422 is a fault. `unreadable` is what an answer without JSON means.
   * @param {object} options
   * @param {string} options.address
   * @param {string} options.page
   * @param {string} options.token
   * @param {number} options.patience milliseconds
   * @param {Record<number, Link>} options.links
   * @param {Link} [options.unreadable]
   * @param {(html: string) => string} options.readToken
   * @param {typeof globalThis.fetch} [options.fetch]
   * @param {() => boolean} [options.isOnline]
   */
  constructor({
    address,
    page,
    token,
    patience,
    links,
    readToken,
    unreadable = "fault",
    fetch = (...request) => globalThis.fetch(...request),
    isOnline = () => navigator.onLine,
  }) {
    this.address = address;
    this.page = page;
    this.token = token;
    this.patience = patience;
    this.links = links;
    this.unreadable = unreadable;
    this.readToken = readToken;
    this.fetch = fetch;
    this.isOnline = isOnline;
  }

  /**
   * @param {(token: string) => RequestInit} request
   * @returns {Promise<Outcome>}
   */
  async send(request) {
    if (!this.isOnline()) return { link: "offline" };
    let reply;
    try {
      reply = await this.post(request);
      if (reply.status === 403) reply = await this.postAnew(request, reply);
    } catch {
      return { link: "offline" };
    }
    const { status } = reply;
    if (!reply.ok && status !== 422) return { link: this.links[status] ?? "fault", status };
    try {
      return { link: "ok", status, answer: await reply.json() };
    } catch {
      return { link: this.unreadable, status }; // another server's, or one that was cut off
    }
  }

  /** @param {(token: string) => RequestInit} request */
  post(request) {
    return this.get(this.address, { method: "POST", ...request(this.token) });
  }

  /**
   * A redirect is no answer: it would lead to the sign-in page.
   * @param {string} address
   * @param {RequestInit} [request]
   */
  get(address, request) {
    const signal = AbortSignal.timeout(this.patience);
    return this.fetch(address, { ...request, redirect: "manual", signal });
  }

  /**
   * Signing in in another tab invalidates the token of this page. With the new one, the server checks
   * whether it is still the same person.
   * @param {(token: string) => RequestInit} request
   * @param {Response} refusal
   */
  async postAnew(request, refusal) {
    const page = await this.get(this.page);
    if (page.type === "opaqueredirect") return this.links[0] ? page : refusal;
    const token = this.readToken(await page.text());
    if (!token) return refusal;
    this.token = token;
    return this.post(request);
  }
}
