"""Choosing a lecturer: how each is named, and what speaks against them at the time asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy, pgettext

from config.lib.type_ahead import TickList, TickSeveral, TypeAhead, pinyin_of_kind, spelled
from instructors.enums import Title
from instructors.models import Instructor


class Standing(Enum):
    """How a lecturer stands at a time, in the order of the list, with the words of its group."""

    FREE = gettext_lazy("Free at that time")
    OTHER_COURSES = gettext_lazy("Free, but not named for the course")
    DOUBTFUL = gettext_lazy("Something speaks against it")
    NOT_FREE = gettext_lazy("Not free")


@dataclass(frozen=True)
class Remark:
    """What speaks against a lecturer, so far as their standing does not say it.

    `is_refused`: they cannot be chosen, because the act would be refused.
    """

    standing: Standing
    text: str
    is_refused: bool = False


def describe_lecturer(lecturer: Instructor) -> str:
    """Name, corps, title and employer, because several have the same name."""
    title = "" if lecturer.title == Title.NONE else lecturer.get_title_display()
    parts = (lecturer.name, lecturer.get_corps_display(), title, lecturer.employer)
    return " · ".join(part for part in parts if part)


def find_words(lecturer: Instructor) -> str:
    """By what a lecturer is found beside name and corps: the pinyin of both, and its initials."""
    corps = pinyin_of_kind(lecturer.get_corps_display())
    return f"{lecturer.name_initials} {spelled(lecturer.name_pinyin)} {corps}"


class LecturerSelect(TypeAhead):
    """Lecturers; with `remarks`, by key, those who are not free come last and say why.

    Without `remarks` the time is not known. What is chosen stays chosen, so that the act says
    itself why it refuses it.
    """

    remarks: Mapping[int, Remark] | None = None

    def words_of(self, row: Instructor) -> str:
        return find_words(row)

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:
        groups = super().optgroups(name, value, attrs)
        if self.remarks is None:
            return groups
        shown: dict[Standing | None, list[Any]] = {place: [] for place in (None, *Standing)}
        for _group, options, _index in groups:
            for option in options:
                shown[self._place(option)].append(option)
        return [
            (place.value if place else None, options, place_number)
            for place_number, (place, options) in enumerate(shown.items())
            if options
        ]

    def _place(self, option: dict[str, Any]) -> Standing | None:
        """The group of an option, which gets its remark."""
        if not getattr(option["value"], "instance", None):
            return None
        remark = (self.remarks or {}).get(option["value"].value)
        if remark is None:
            return Standing.FREE
        if remark.text:
            colon = pgettext("punctuation", ": ")
            option["label"] = f"{option['label']}{colon}{remark.text}"
            option["attrs"]["data-why"] = remark.text
        if remark.is_refused and not option["selected"]:
            option["attrs"]["disabled"] = True
        return remark.standing


class LecturerTicks(TickList):
    """Lecturers to tick."""

    def words_of(self, row: Instructor) -> str:
        return find_words(row)


class SeveralLecturers(TickSeveral):
    """A few of all lecturers, each found by typing."""

    def words_of(self, row: Instructor) -> str:
        return find_words(row)
