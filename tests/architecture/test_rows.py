"""Rows of SQL are read by name: `config.lib.rows` alone fetches them from a cursor.

What counts places in a row breaks silently when a column is added. A single value may be taken
where it is asked for: `cursor.fetchone()[0]`, or `cursor.fetchone() is None`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.breaches import Breach, as_lines
from tests.architecture.layers import ROOT, modules

READER = "config/lib/rows.py"
FETCHES = {"fetchone", "fetchmany", "fetchall"}


def find_breaches(root: Path = ROOT) -> list[Breach]:
    """The places below `root` that fetch rows on their own."""
    return [
        Breach(place, "reads rows without their names", ast.unparse(node), node.lineno)
        for path in modules(root)
        if (place := str(path.relative_to(root))) != READER
        for node in _fetches(ast.parse(path.read_text("utf-8")))
    ]


def _fetches(tree: ast.Module) -> Iterator[ast.expr]:
    single = {id(fetch) for node in ast.walk(tree) for fetch in _taken_singly(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in FETCHES and id(node) not in single:
                yield node
        elif isinstance(node, ast.For | ast.comprehension) and ast.unparse(node.iter) == "cursor":
            yield node.iter


def _taken_singly(node: ast.AST) -> Iterator[ast.expr]:
    """The fetch of which only the first value is read, or only whether there is a row."""
    if isinstance(node, ast.Subscript) and ast.unparse(node).endswith(".fetchone()[0]"):
        yield node.value
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
        yield node.left


def test_only_one_module_fetches_rows():
    assert as_lines(find_breaches()) == []


@pytest.mark.parametrize(
    "text",
    [
        "rows = cursor.fetchall()",
        "name, number = cursor.fetchone()",
        "second = cursor.fetchone()[1]",
        "first = cursor.fetchall()[0]",
        "rest = cursor.fetchone()[1:]",
        "names = [name for name, _number in cursor]",
        "for name, number in cursor:\n    print(name)",
        "while rows := cursor.fetchmany(100):\n    print(rows)",
    ],
)
def test_finds_a_planted_breach(tmp_path, text):
    (tmp_path / "hours").mkdir()
    (tmp_path / "hours" / "planted.py").write_text(text, "utf-8")

    assert [breach.place for breach in find_breaches(tmp_path)] == ["hours/planted.py"]


def test_a_single_value_may_be_taken(tmp_path):
    (tmp_path / "hours").mkdir()
    text = "count = cursor.fetchone()[0]\nis_there = cursor.fetchone() is not None"
    (tmp_path / "hours" / "planted.py").write_text(text, "utf-8")

    assert find_breaches(tmp_path) == []
