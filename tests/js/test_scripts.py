"""The modules of static/js by themselves, in Node: one test here for each of its files of tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = Path(sys.executable).parent / "node"
FILES = sorted(str(path.relative_to(HERE)) for path in HERE.glob("**/*.test.js"))


@pytest.mark.parametrize("file", [name for name in FILES if "node_modules" not in name])
def test_modules_do_what_their_tests_say(file):
    # Modules are told by their imports, without a package.json beside them.
    options = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--test-reporter=tap"]
    done = subprocess.run(
        [NODE, *options, "--test", file], cwd=HERE, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE))
    assert int(counts["pass"]) > 0
    assert counts["skipped"] == counts["todo"] == counts["cancelled"] == "0"
