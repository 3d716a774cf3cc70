"""The string constants in a module's code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Match, Pattern

# Replaces each value in the text of an f-string.
VALUE = "\0"


@dataclass(frozen=True)
class Text:
    """A text with its first and last line."""

    value: str
    first: int
    last: int

    def find(self, pattern: Pattern[str]) -> Iterator[tuple[int, Match[str]]]:
        """Each match of `pattern` with its line; approximate if adjacent strings are joined."""
        for match in pattern.finditer(self.value):
            yield min(self.first + self.value.count("\n", 0, match.start()), self.last), match


@cache
def read_texts(path: Path) -> list[Text]:
    """Every string constant of a Python module except docstrings; any other file as one text.

    Docstrings are excluded because, like comments, they may refer to other places.
    """
    source = path.read_text("utf-8")
    if path.suffix != ".py":
        return [Text(source, 1, source.count("\n") + 1)]
    nodes = list(ast.walk(ast.parse(source)))
    left = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    left |= {node.value for node in nodes if isinstance(node, ast.Expr)}
    return [
        Text(value, node.lineno, node.end_lineno)
        for node in nodes
        if node not in left and (value := _value_of(node))
    ]


def _value_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_value_of(part) or VALUE for part in node.values)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else ""
