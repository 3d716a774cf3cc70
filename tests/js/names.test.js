import assert from "node:assert/strict";
import { test } from "node:test";

import { beginsName, fitsName } from "../../static/js/names.js";

for (const [names, text, fits] of [
  ["王小明 wxm 12", "小明", true],
  ["王小明 wxm 12", "WX", true],
  ["王小明 wxm 12", "１２", true],
  ["王小明 wxm 12", "12 wxm", true],
  ["王小明 wxm 12", "wxn", false],
  ["阿依古丽·买买提", "阿依古丽买买提", true],
  ["阿依古丽买买提", "阿依古丽・买买提", true],
  ["欧阳海棠 ~ouyanghaitang", "ou", false],
  ["欧阳海棠 ~ouyanghaitang", "ouy", true],
  ["欧阳海棠 ~ouyanghaitang", "hai", false],
  ["任何人", "", true],
]) {
  test(`"${names}" ${fits ? "fits" : "does not fit"} "${text}"`, () => {
    assert.equal(fitsName(names, text), fits);
  });
}

test("a name begins with what was typed, wherever it stands among the names", () => {
  assert.ok(beginsName("王小明 wxm", "wx"));
  assert.ok(beginsName("王小明 wxm", "王 小"));
  assert.ok(!beginsName("王小明 wxm", "xm"));
});
