import assert from "node:assert/strict";
import { test } from "node:test";

import { obstacle, stageOf, stateOf, Waited } from "../../../static/js/rolls/states.js";

const row = { isUnkept: false, isOnTheWay: false, isProposal: false, chosen: "", seen: "" };
const conflict = { problem: { theirs: "late", text: "" } };
const refused = { problem: { theirs: "", text: "" } };

for (const [state, facts] of [
  ["", {}],
  ["", { chosen: "late", seen: "present" }],
  ["saved", { chosen: "late", seen: "late" }],
  ["proposed", { chosen: "on_leave", isProposal: true }],
  ["", { chosen: "late", seen: "late", isOnTheWay: true }],
  ["unsaved", { chosen: "late", isUnkept: true, isOnTheWay: true }],
  ["waiting", { mark: { problem: null }, isUnkept: true }],
  ["conflict", { mark: conflict }],
  ["refused", { mark: refused }],
]) {
  test(`a row with ${JSON.stringify(facts)} is "${state}"`, () => {
    assert.equal(stateOf({ ...row, ...facts }), state);
  });
}

const open = { link: "ok", isSubmitted: false, problems: 0, pending: 0 };

for (const [why, facts] of [
  ["", {}],
  ["waiting", { pending: 1 }],
  ["offline", { link: "offline", pending: 1 }],
  ["told", { link: "told" }],
  ["problems", { link: "offline", problems: 1 }],
  ["submitted", { link: "fault", problems: 1, isSubmitted: true }],
  ["stranger", { link: "stranger", isSubmitted: true }],
]) {
  test(`with ${JSON.stringify(facts)} the roll is held back by "${why}"`, () => {
    assert.equal(obstacle({ ...open, ...facts }), why);
  });
}

const untaken = { isSubmitted: false, isDraft: false, hasUnsaved: false, isQueued: false };

for (const [stage, facts] of [
  ["untaken", {}],
  ["unsaved", { isQueued: true }],
  ["draft", { isDraft: true, isQueued: true }],
  ["unsaved", { isDraft: true, hasUnsaved: true }],
  ["submitted", { isSubmitted: true, isDraft: true, hasUnsaved: true }],
]) {
  test(`with ${JSON.stringify(facts)} the roll is ${stage}`, () => {
    assert.equal(stageOf({ ...untaken, ...facts }), stage);
  });
}

test("what waited is told once, when all of it was answered", () => {
  const waited = new Waited();
  waited.look("offline", 1, 0);
  waited.look("offline", 3, 0);
  assert.equal(waited.look("ok", 2, 0), null);
  assert.deepEqual(waited.look("ok", 0, 1), { saved: 2, left: 1 });
  assert.equal(waited.look("ok", 0, 1), null);
});

test("problems from before the link was lost are none of what waited", () => {
  const waited = new Waited();
  waited.look("fault", 2, 1);
  assert.deepEqual(waited.look("ok", 0, 1), { saved: 2, left: 0 });
});

test("what never waited is not told", () => {
  assert.equal(new Waited().look("ok", 0, 0), null);
});
