import assert from "node:assert/strict";
import { test } from "node:test";

import { Answers } from "../../../static/js/door/answers.js";

const said = (kind, name = kind) => ({ kind, name });
const scan = (at = 0, hasWaited = false) => ({ at, hasWaited });

/** Adds an answer, and shows it if it is its turn. */
function tell(answers, what, when, hasScans = false) {
  if (answers.add(what, when)) answers.next(when.at, hasScans);
}

test("the newest answer is shown, whatever the one before it was", () => {
  const answers = new Answers();
  for (const kind of ["ok", "wrong", "warn", "ok"]) {
    tell(answers, said(kind), scan());
    assert.equal(answers.shown.kind, kind);
  }
  assert.equal(answers.next(0, false), null);
});

test("a list stays until it is left; answers wait behind it", () => {
  const answers = new Answers();
  tell(answers, said("found"), scan(1));
  tell(answers, said("ok"), scan(0));
  assert.equal(answers.shown.kind, "found");

  assert.equal(answers.next(2, false).kind, "ok");
});

test("a list that was asked for before another is shown waits for that one", () => {
  const answers = new Answers();
  tell(answers, said("found", "first"), scan(5));
  tell(answers, said("found", "earlier"), scan(4));
  assert.equal(answers.shown.name, "first");
  tell(answers, said("found", "later"), scan(6));

  assert.equal(answers.shown.name, "earlier");
  assert.equal(answers.next(7, false).name, "later");
});

test("a list that waited for a network knows when it was asked for; others do not", () => {
  const answers = new Answers();
  tell(answers, said("found"), scan(3, true));
  assert.equal(answers.shown.askedAt, 3);
  tell(answers, said("found"), scan(4));
  assert.ok(!("askedAt" in answers.shown));
});

test("a list that was put off comes last, and not while scans wait", () => {
  const answers = new Answers();
  tell(answers, said("found", "waited"), scan(3, true));
  answers.putOff();
  assert.equal(answers.next(4, true), null);
  tell(answers, said("found", "now"), scan(5));
  assert.equal(answers.shown.name, "now");

  assert.equal(answers.next(6, true), null);
  assert.equal(answers.next(7, false).name, "waited");
});

test("a list that did not wait is gone once it is left", () => {
  const answers = new Answers();
  tell(answers, said("found"), scan(1));
  answers.putOff();

  assert.equal(answers.next(2, false), null);
});
