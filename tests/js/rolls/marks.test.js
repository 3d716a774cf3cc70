import assert from "node:assert/strict";
import { test } from "node:test";

import { bodyOf, MarkQueue } from "../../../static/js/rolls/marks.js";
import { MemoryStore } from "../memory_store.js";

const mark = (id, more = {}) => ({
  id,
  session: 7,
  title: "Roll",
  person: 1,
  member: 11,
  name: "王安",
  status: "late",
  seen: "",
  made_at: "2026-03-02T01:00:00.000Z",
  sent: false,
  problem: null,
  ...more,
});
const answer = (more = {}) => ({
  at: "2026-03-02T09:00:00+08:00",
  acknowledged: [],
  conflicts: [],
  refused: [],
  marks: {},
  submitted: "",
  ...more,
});
const choosing = (status, seen = "") => () => ({ name: "王安", status, seen });

async function make(...entries) {
  const store = new MemoryStore({ entries });
  const queue = new MarkQueue({ store, session: 7, title: "Roll", person: 1 });
  await queue.read();
  return queue;
}

const statuses = (queue) => queue.marks.map(({ status }) => status);

test("a mark is queued with what the page saw", async () => {
  const queue = await make();
  await queue.keep([11], choosing("late", "present"));

  const [{ member, status, seen, sent, problem }] = queue.marks;
  assert.deepEqual([member, status, seen, sent, problem], [11, "late", "present", false, null]);
  assert.equal(queue.pending, 1);
});

test("a mark that is what the page saw is not queued, and takes back the one before", async () => {
  const queue = await make(mark("a", { status: "absent", seen: "present" }));
  await queue.keep([11], choosing("present", "present"));

  assert.deepEqual(queue.marks, []);
});

test("only the last of the marks that were not sent remains", async () => {
  const queue = await make();
  for (const status of ["present", "late", "absent"]) await queue.keep([11], choosing(status));

  assert.deepEqual(statuses(queue), ["absent"]);
});

test("a mark under way never changes: a later one waits for it, and has seen it", async () => {
  const queue = await make(mark("a", { sent: true }));
  await queue.keep([11], choosing("absent"));

  assert.deepEqual(queue.marks.map(({ status, seen }) => [status, seen]), [
    ["late", ""],
    ["absent", "late"],
  ]);
  assert.deepEqual((await queue.take()).map(({ id }) => id), ["a"]);
});

test("marks are taken one per member, those first that may have arrived", async () => {
  const queue = await make(mark("a"), mark("b", { member: 12, sent: true }), mark("c", { member: 13 }));
  const batch = await queue.take();

  assert.deepEqual(batch.map(({ id }) => id), ["b", "a", "c"]);
  assert.ok(queue.marks.every(({ sent }) => sent));
});

test("300 marks are taken at once", async () => {
  const queue = await make(...Array.from({ length: 301 }, (_, n) => mark(`m${n}`, { member: n })));

  assert.equal((await queue.take()).length, 300);
  assert.equal(queue.marks.filter(({ sent }) => sent).length, 300);
});

test("a mark leaves the queue only when its own id is acknowledged", async () => {
  const queue = await make(mark("a", { sent: true }), mark("b", { member: 12, sent: true }));
  await queue.applyAnswer(answer({ acknowledged: ["b", "unknown"], marks: { 12: "late" } }));

  assert.deepEqual(queue.marks.map(({ id }) => id), ["a"]);
  const at = Date.parse("2026-03-02T01:00:00Z");
  assert.deepEqual(queue.known, [{ session: 7, member: 12, status: "late", at }]);
});

test("a conflict stays with both values, and is not sent again", async () => {
  const queue = await make(mark("a", { sent: true }));
  await queue.applyAnswer(answer({ conflicts: [{ id: "a", theirs: "present", text: "王丽" }] }));

  assert.deepEqual(queue.problems[0].problem, { text: "王丽", theirs: "present" });
  assert.equal(queue.pending, 0);
  assert.deepEqual(await queue.take(), []);
});

test("a refusal has no value of theirs", async () => {
  const queue = await make(mark("a", { sent: true }));
  await queue.applyAnswer(answer({ refused: [{ id: "a", text: "submitted" }] }));

  assert.deepEqual(queue.problems[0].problem, { text: "submitted", theirs: "" });
});

test("a later mark takes the place of the one in conflict", async () => {
  const entries = [mark("a", { sent: true }), mark("b", { status: "absent", seen: "late" })];
  const conflict = { id: "a", theirs: "present", text: "" };
  const queue = await make(...entries);
  await queue.applyAnswer(answer({ conflicts: [conflict] }));
  assert.deepEqual(queue.problems.map(({ id, status }) => [id, status]), [["a", "absent"]]);

  const agreeing = await make(...entries);
  await agreeing.applyAnswer(answer({ conflicts: [{ ...conflict, theirs: "absent" }] }));
  assert.deepEqual(agreeing.marks, []);
});

for (const [decision, expected] of [
  ["mine", [["late", "present"]]],
  ["theirs", [["present", "present"]]],
  ["drop", []],
]) {
  test(`of a mark that was not taken, "${decision}" leaves ${JSON.stringify(expected)}`, async () => {
    const queue = await make(mark("a", { sent: true, problem: { text: "", theirs: "present" } }));
    await queue.decide(queue.problems[0], decision, () => "present");

    assert.deepEqual(queue.marks.map(({ status, seen }) => [status, seen]), expected);
    assert.deepEqual(queue.problems, []);
  });
}

test("what cannot be stored is named, counted as failing, and stored with the next mark", async () => {
  const queue = await make();
  queue.store.failure = new Error("the disk is full");
  await queue.keep([11], choosing("late"));
  assert.deepEqual([[...queue.unkept], queue.isUnkept, queue.marks], [[11], true, []]);

  queue.store.failure = null;
  await queue.keep([12], choosing("absent"));
  assert.equal(queue.isUnkept, false);
  assert.deepEqual(queue.marks.map(({ member }) => member).sort(), [11, 12]);
});

test("a mark on its way into the queue counts as one that waits", async () => {
  const queue = await make();
  const kept = queue.keep([11], choosing("late"));
  assert.deepEqual([queue.pending, queue.waits(11), queue.waits(12)], [1, true, false]);

  await kept;
  assert.deepEqual([queue.pending, queue.isOnTheWay(11)], [1, false]);
});

test("marks of somebody else are left alone", async () => {
  const queue = await make(mark("a", { person: 2 }));

  assert.deepEqual([queue.marks, queue.store.hasOthers], [[], true]);
  assert.deepEqual(await queue.take(), []);
});

test("a request names whose marks it carries, and nothing that the server does not ask", () => {
  assert.deepEqual(JSON.parse(bodyOf(1, [mark("a")])), {
    person: 1,
    marks: [{ id: "a", member: 11, status: "late", seen: "", made_at: "2026-03-02T01:00:00.000Z" }],
  });
});
