"""Limits on the size of apps, modules and functions.

All lines of a file count: code, docstrings, comments and blank lines. The size of an app is that of
its Python modules, including demo data; migrations, tests, templates and translations do not count.
The size of a function is from its `def` to its last line, with the docstring, without decorators.
Methods and nested functions each count as a function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.breaches import Breach, as_lines
from tests.architecture.layers import LAYERS, ROOT, modules

MOST_OF_AN_APP = 9_000
MOST_OF_A_MODULE = 600
MOST_OF_A_FUNCTION = 60
MEDIAN_OF_FUNCTIONS = 7
# One function in twenty may be longer.
USUAL_FUNCTION = 30
ONE_IN = 20


@cache
def find_breaches(root: Path = ROOT) -> list[Breach]:
    """The breaches in all apps and `config` below `root`."""
    return list(_breaches(root))


def _breaches(root: Path) -> Iterator[Breach]:
    files = modules(root)
    sizes = dict.fromkeys(LAYERS.apps, 0)
    lengths: list[int] = []
    for path in files:
        place, text = path.relative_to(root), path.read_text("utf-8")
        lines = len(text.splitlines())
        if place.parts[0] in sizes:
            sizes[place.parts[0]] += lines
        if lines > MOST_OF_A_MODULE:
            yield Breach(str(place), f"has more than {MOST_OF_A_MODULE} lines", str(lines))
        for name, line, length in functions_of(text):
            lengths.append(length)
            if length > MOST_OF_A_FUNCTION:
                what = f"has a function of more than {MOST_OF_A_FUNCTION} lines"
                yield Breach(str(place), what, f"{name}, {length}", line)
    for app, lines in sizes.items():
        if lines > MOST_OF_AN_APP:
            yield Breach(app, f"has more than {MOST_OF_AN_APP} lines", str(lines))
    yield from distribution(lengths)


def functions_of(text: str) -> Iterator[tuple[str, int, int]]:
    """Name, line and length of each function of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def distribution(lengths: Iterable[int]) -> Iterator[Breach]:
    """The breaches in the distribution of all function lengths."""
    lengths = list(lengths)
    longer = sum(length > USUAL_FUNCTION for length in lengths)
    if lengths and median(lengths) > MEDIAN_OF_FUNCTIONS:
        what = f"have a median of more than {MEDIAN_OF_FUNCTIONS} lines"
        yield Breach("functions", what, str(median(lengths)))
    if longer * ONE_IN > len(lengths):
        what = f"are longer than {USUAL_FUNCTION} lines more often than once in {ONE_IN}"
        yield Breach("functions", what, f"{longer} of {len(lengths)}")


def test_apps_modules_and_functions_are_no_larger_than_they_may_be():
    assert as_lines(find_breaches()) == []


def function(lines: int) -> str:
    return "def long():\n" + "    pass\n" * (lines - 1)


class TestAPlantedSize:
    APP = LAYERS.apps[-1]

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / self.APP / "migrations").mkdir(parents=True)
        # With these, a single planted function stays below one in twenty.
        (tmp_path / self.APP / "short.py").write_text(function(2) * 100, "utf-8")
        return tmp_path / self.APP

    def test_of_an_app_is_caught(self, folder):
        for number in range(15):
            (folder / f"a{number}.py").write_text("#\n" * 600, "utf-8")

        assert as_lines(find_breaches(folder.parent)) == [
            f"{self.APP} has more than 9000 lines: 9200"
        ]

    def test_of_a_module_is_caught(self, folder):
        (folder / "a.py").write_text("#\n" * 601, "utf-8")

        breaches = [f"{self.APP}/a.py has more than 600 lines: 601"]
        assert as_lines(find_breaches(folder.parent)) == breaches

    def test_of_a_function_is_caught(self, folder):
        (folder / "a.py").write_text("@cache\n" + function(61) + function(60), "utf-8")

        breaches = [f"{self.APP}/a.py:2 has a function of more than 60 lines: long, 61"]
        assert as_lines(find_breaches(folder.parent)) == breaches

    def test_of_a_migration_is_none(self, folder):
        (folder / "migrations" / "a.py").write_text(function(601), "utf-8")

        assert as_lines(find_breaches(folder.parent)) == []

    def test_of_functions_that_are_often_long_is_caught(self):
        assert as_lines(distribution([2] * 95 + [31] * 5)) == []
        assert as_lines(distribution([2] * 95 + [31] * 6)) == [
            "functions are longer than 30 lines more often than once in 20: 6 of 101"
        ]

    def test_of_functions_that_are_mostly_long_is_caught(self):
        assert as_lines(distribution([7] * 3)) == []
        assert as_lines(distribution([2, 8, 8])) == [
            "functions have a median of more than 7 lines: 8"
        ]
