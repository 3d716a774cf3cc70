import assert from "node:assert/strict";
import { test } from "node:test";

import { ScanQueue } from "../../../static/js/door/scans.js";
import { MemoryStore } from "../memory_store.js";

const settle = () => new Promise((done) => setImmediate(done));

function make({ lane = "mine", entries = [] } = {}) {
  const store = new MemoryStore({ entries });
  return new ScanQueue({ store, session: 7, person: 1, title: "Door", lane });
}

const stored = (queue) => queue.store.items;
const left = (id, lane, made_at) => ({ id, lane, made_at, session: 7, person: 1, title: "Door", change: { text: id } });

test("scans are sent in their order and kept on the device until they are answered", async () => {
  const queue = make();
  queue.put({ text: "a" });
  queue.put({ text: "b" });
  await settle();
  assert.deepEqual(stored(queue).map(({ change }) => change.text), ["a", "b"]);

  assert.equal(queue.shift().change.text, "a");
  await settle();
  assert.equal(queue.first.change.text, "b");
  assert.deepEqual(stored(queue).map(({ change }) => change.text), ["b"]);
});

test("a scan that was answered before it was stored does not stay", async () => {
  const queue = make();
  queue.put({ text: "a" });
  queue.shift();
  await settle();

  assert.deepEqual(stored(queue), []);
});

test("the page must stay open only for what the device does not keep", async () => {
  const queue = make();
  queue.put({ text: "a" });
  assert.equal(queue.isAtRisk, true); // on its way to the device
  await settle();
  assert.deepEqual([queue.isAtRisk, queue.hasUnkept], [false, false]);

  queue.store.failure = new Error("the disk is full");
  queue.put({ text: "b" });
  await settle();
  assert.deepEqual([queue.isAtRisk, queue.hasUnkept], [true, true]);
  queue.shift();
  queue.shift();
  assert.equal(queue.isAtRisk, false);
});

for (const text of ["11010119900307001X", "110101 19900307 0017", "1101-0119-9003-070017"]) {
  test(`what may be an ID number is never stored: ${text}`, async () => {
    const queue = make();
    queue.put({ text });
    await settle();

    assert.deepEqual([stored(queue), queue.hasUnkept], [[], true]);
  });
}

test("where the device can keep nothing, scans stay in the page", async () => {
  const queue = make({ lane: "" });
  queue.put({ text: "a" });
  await settle();
  queue.shift();

  assert.deepEqual(stored(queue), []);
});

test("scans older than ten minutes are counted", () => {
  const queue = make();
  queue.put({ text: "a" }, performance.now() - 600_001);
  queue.put({ text: "b" }, performance.now() - 590_000);

  assert.equal(queue.overdue, 1);
});

test("a lane takes over what closed lanes left, oldest first, before its own", async () => {
  const now = Date.now();
  const entries = [left("new", "closed", now - 1000), left("old", "closed", now - 60_000), left("other", "open", now)];
  const queue = make({ entries });
  queue.put({ text: "own" });
  assert.equal(await queue.adopt((lane) => ["open", "mine"].includes(lane)), true);

  assert.deepEqual(queue.scans.map(({ change }) => change.text), ["old", "new", "own"]);
  assert.deepEqual(queue.scans.map(({ hasWaited }) => hasWaited), [true, true, false]);
  assert.ok(Math.abs(performance.now() - queue.first.at - 60_000) < 5000);
  await settle();
  const lanes = Object.fromEntries(stored(queue).map(({ change, lane }) => [change.text, lane]));
  assert.deepEqual(lanes, { new: "mine", old: "mine", other: "open", own: "mine" });
});

test("a clock that was set back makes no scan of the future", async () => {
  const queue = make({ entries: [left("a", "closed", Date.now() + 3_600_000)] });
  await queue.adopt(() => false);

  assert.ok(queue.first.at <= performance.now());
});

test("where nothing was left, nothing is taken over", async () => {
  assert.equal(await make().adopt(() => false), false);
});
