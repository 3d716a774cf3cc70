"""Tables of offices, and a district that is being founded."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.enums import ActorChannel
from accounts.origin import Actor
from schools.actions.founding import add_township, add_village, found_district, found_root
from schools.actions.founding_tables import found_from_table
from schools.actions.schools import open_school
from schools.enums import TableKind
from schools.imports.comparing import Comparison, compare
from schools.imports.tables import FoundingTable, open_table
from tests.factories import NOON

BY = Actor(None, ActorChannel.COMMAND)
ON = date(NOON.year, 1, 1)
DISTRICT, TOP = "120111", "1201110000"
YANGLIUQING, ZHANGJIAWO = "120111101", "120111103"
TREE = ["代码", "名称", "级别", "上级代码", "街镇代码", "村社区代码"]


def make_table(kind: TableKind, *rows: list[str], encoding: str = "utf-8") -> FoundingTable:
    """A table as an office would save it from its spreadsheet program."""
    text = "\n".join(",".join(row) for row in rows)
    return open_table(kind, text.encode(encoding), "a.csv")


class NewDistrict:
    """A district with its top and two townships, one of which has a village; no school yet."""

    def __init__(self) -> None:
        kwargs: dict[str, Any] = {"by": BY, "at": NOON}
        self.district = found_district(code=DISTRICT, name="西青区", **kwargs)
        self.yangliuqing = add_township(code=YANGLIUQING, name="杨柳青镇", **kwargs)
        self.zhangjiawo = add_township(code=ZHANGJIAWO, name="张家窝镇", **kwargs)
        self.village = add_village(code=f"{YANGLIUQING}201", name="一街村", **kwargs)
        self.root = found_root(code=TOP, name="中共西青区委员会", on=ON, **kwargs)

    def open_school(self) -> None:
        open_school(
            code=YANGLIUQING,
            name="杨柳青镇党校",
            township_ids=[self.yangliuqing.pk],
            on=ON,
            by=BY,
            at=NOON,
        )

    @staticmethod
    def compare_tree(*rows: list[str]) -> Comparison:
        """Rows of the tree, each of as many cells as it needs, compared with what is stored."""
        return compare(tree(*rows), ON)

    @staticmethod
    def found(source: FoundingTable, on: date = ON, **kwargs: Any) -> Comparison:
        options = {"leave_out_refused": False, "promised": None, "by": BY, "at": NOON} | kwargs
        return found_from_table(source=source, on=on, **options)


def tree(*rows: list[str]) -> FoundingTable:
    """A table of organisations; cells that a row leaves out at its end are empty."""
    filled = ([*row, *[""] * (len(TREE) - len(row))] for row in rows)
    return make_table(TableKind.TREE, TREE, *filled)


def kinds(comparison: Comparison) -> list[str]:
    """The kind of each row, in the order of the file."""
    return [line.kind.value for line in comparison.lines]


def refusals(comparison: Comparison) -> list[tuple[int, str, str]]:
    """Row, field and reason of each refusal."""
    return [
        (line.row_number, field, reason)
        for line in comparison.lines
        for field, reason, _values in line.problems
    ]
