"""House rules of templates, which are read by people: one thing a line, tables by their tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.layers import ROOT

LONGEST_LINE = 160
# What a tag does, by what stands there instead.
BY_HAND = {
    "a table by hand: {% table %} and {% column %}": re.compile(r"<table\b"),
    "a region of a table by hand: {% table %}": re.compile(r'class="table-wrap'),
    'a name for one word: {% state "ok" _("done") %}': re.compile(
        r'{% translate "[^"]*" as (\w+) %}\s*{% state "\w+" \1 %}'
    ),
}


def find_breaches(root: Path) -> Iterator[str]:
    """The breaches in the templates below `root`, each with its line."""
    for path in sorted((root / "templates").rglob("*.html")):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(root)
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > LONGEST_LINE:
                yield f"{name}:{number}: a line of {len(line)} characters"
        for what, pattern in BY_HAND.items():
            for found in pattern.finditer(text):
                yield f"{name}:{text.count('\n', 0, found.start()) + 1}: {what}"


def test_templates_have_short_lines_and_use_the_tags():
    assert list(find_breaches(ROOT)) == []


@pytest.mark.parametrize(
    ("line", "breach"),
    [
        ("x" * 161, "a line of 161 characters"),
        ('<table class="table">', "a table by hand"),
        ('<div class="table-wrap" tabindex="0">', "a region of a table by hand"),
        ('{% translate "done" as word %}{% state "ok" word %}', "a name for one word"),
    ],
)
def test_a_planted_breach_is_found(tmp_path, line, breach):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(f"<p>\n{line}\n</p>", encoding="utf-8")
    found = list(find_breaches(tmp_path))
    assert len(found) == 1
    assert found[0].startswith(f"templates/page.html:2: {breach}")
