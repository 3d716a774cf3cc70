import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Sender } from "../../../static/js/device/sender.js";

/** Lets everything happen that waits for no clock. */
const settle = () => new Promise((done) => setImmediate(done));

function make(t, steps) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const send = mock.fn(async () => {
    const step = steps.shift() ?? "done";
    if (step instanceof Error) throw step;
    return step;
  });
  return { send, sender: new Sender({ send, firstMs: 1000, lastMs: 4000 }) };
}

test("it sends until nothing is left", async (t) => {
  const { send, sender } = make(t, ["more", "more", "done"]);
  await sender.now();

  assert.equal(send.mock.callCount(), 3);
});

test("after each failure it waits twice as long, up to the longest wait", async (t) => {
  const { send, sender } = make(t, Array(5).fill("later"));
  await sender.now();
  for (const [tries, ms] of [1000, 2000, 4000, 4000].entries()) {
    t.mock.timers.tick(ms - 1);
    await settle();
    assert.equal(send.mock.callCount(), tries + 1);
    t.mock.timers.tick(1);
    await settle();
    assert.equal(send.mock.callCount(), tries + 2);
  }
});

test("once it succeeded it waits the first time again", async (t) => {
  const { send, sender } = make(t, ["later", "later", "done", "later", "done"]);
  await sender.now();
  await sender.now();
  await sender.now();
  t.mock.timers.tick(10_000); // nothing waits any more
  await settle();
  assert.equal(send.mock.callCount(), 3);

  await sender.now();
  t.mock.timers.tick(1000);
  await settle();
  assert.equal(send.mock.callCount(), 5);
});

test("what comes while it sends is sent by it, and by nobody at the same time", async (t) => {
  const { send, sender } = make(t, ["done", "done"]);
  const first = sender.now();
  await sender.now();
  await first;

  assert.equal(send.mock.callCount(), 2);
});

test("a sending that fails by itself is tried again after the longest wait", async (t) => {
  const { send, sender } = make(t, [new Error("the store"), "done"]);
  await sender.now();
  t.mock.timers.tick(3999);
  await settle();
  assert.equal(send.mock.callCount(), 1);
  t.mock.timers.tick(1);
  await settle();

  assert.equal(send.mock.callCount(), 2);
});
