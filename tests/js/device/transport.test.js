import assert from "node:assert/strict";
import { test } from "node:test";

import { Transport } from "../../../static/js/device/transport.js";

const json = (value, status = 200) => new Response(JSON.stringify(value), { status });
const page = (token) => new Response(`token=${token}`);
const redirect = { type: "opaqueredirect", status: 0, ok: false, text: async () => "" };

/** A transport whose requests get these replies, and the requests. */
function make(replies, options = {}) {
  const requests = [];
  const transport = new Transport({
    address: "/marks/",
    page: "/roll/",
    token: "old",
    patience: 1000,
    links: { 401: "signed-out", 403: "signed-out", 409: "stranger" },
    readToken: (html) => html.split("token=")[1] ?? "",
    isOnline: () => true,
    fetch: async (address, request) => {
      requests.push({ address, ...request });
      const reply = replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
    ...options,
  });
  return { transport, requests };
}

const body = (token) => ({ body: token });

test("an answer is read, and it was asked for without following a redirect", async () => {
  const { transport, requests } = make([json({ taken: 1 })]);

  assert.deepEqual(await transport.send(body), { link: "ok", status: 200, answer: { taken: 1 } });
  const [{ address, method, redirect: follows }] = requests;
  assert.deepEqual([address, method, follows], ["/marks/", "POST", "manual"]);
});

test("what the portal refuses in words is an answer as well", async () => {
  const { transport } = make([json({ error: "too early" }, 422)]);

  assert.deepEqual(await transport.send(body), {
    link: "ok",
    status: 422,
    answer: { error: "too early" },
  });
});

for (const [status, link] of [
  [401, "signed-out"],
  [409, "stranger"],
  [500, "fault"],
  [404, "fault"],
]) {
  test(`status ${status} says ${link}`, async () => {
    const { transport } = make([json({}, status)]);
    assert.equal((await transport.send(body)).link, link);
  });
}

test("without a network nothing is asked", async () => {
  const { transport, requests } = make([], { isOnline: () => false });

  assert.deepEqual(await transport.send(body), { link: "offline" });
  assert.deepEqual(requests, []);
});

test("a request that fails says that there is no network", async () => {
  const { transport } = make([new TypeError("failed to fetch")]);
  assert.equal((await transport.send(body)).link, "offline");
});

test("a page in the portal's place is no answer", async () => {
  const gate = () => new Response("<p>Pay here</p>");
  assert.equal((await make([gate()]).transport.send(body)).link, "fault");
  const { transport } = make([gate()], { unreadable: "offline" });
  assert.equal((await transport.send(body)).link, "offline");
});

test("a redirect is a fault, unless it is known to lead to the sign-in page", async () => {
  assert.equal((await make([redirect]).transport.send(body)).link, "fault");
  const { transport } = make([redirect], { links: { 0: "signed-out" } });
  assert.equal((await transport.send(body)).link, "signed-out");
});

test("an outdated token is renewed, and the same is sent again", async () => {
  const { transport, requests } = make([json({}, 403), page("new"), json({ taken: 1 })]);

  assert.equal((await transport.send(body)).link, "ok");
  assert.deepEqual(
    requests.map(({ address, body: sent }) => [address, sent]),
    [
      ["/marks/", "old"],
      ["/roll/", undefined],
      ["/marks/", "new"],
    ],
  );
  assert.equal(transport.token, "new");
});

test("where no page has a new token, the refusal stands", async () => {
  for (const reply of [redirect, new Response("sign in")]) {
    const { transport } = make([json({}, 403), reply]);
    assert.equal((await transport.send(body)).link, "signed-out");
    assert.equal(transport.token, "old");
  }
});
