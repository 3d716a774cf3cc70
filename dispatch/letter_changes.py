"""What a school changed in its letter when it answered the district, field by field.

Values are kept as they are stored, and become words in the language of the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.lib.dates import format_day
from courses.enums import Mode, Preset
from dispatch.models import BookingLetter
from instructors.enums import Corps
from schools.enums import Audience

# By field: a number, a text, or a list of them; of a date its day and its time, which may be empty.
type Content = dict[str, Any]


class Change(TypedDict):
    """A field with its value before and after."""

    field: str
    before: Any
    after: Any


class ChangeWords(NamedTuple):
    """A change in words; what was or is empty is a dash."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return _("%(label)s: %(before)s → %(after)s") % self._asdict()


def content_of(letter: BookingLetter) -> Content:
    """What the stored letter asks for. Four statements."""
    return {
        "title": letter.title,
        "items": [
            item.course.title if item.course else item.wish
            for item in letter.items.select_related("course")
        ],
        "preset": letter.preset,
        "mode": letter.mode,
        "audience": letter.audience,
        "headcount": letter.headcount,
        "place": letter.where,
        "dates": [
            [wished.day.isoformat(), f"{wished.begins_at:%H:%M}" if wished.begins_at else ""]
            for wished in letter.dates.all()
        ],
        "preferred_corps": letter.preferred_corps,
        "preferred_instructor": str(letter.preferred_instructor or ""),
        "joint_schools": [
            joint.school.name for joint in letter.joint_schools.select_related("school")
        ],
        "note": letter.note,
    }


def list_changes(before: Content, after: Content) -> list[Change]:
    """The fields that differ."""
    return [
        {"field": name, "before": before[name], "after": after[name]}
        for name in before
        if before[name] != after[name]
    ]


def describe_changes(changes: Iterable[Change]) -> list[ChangeWords]:
    """Changes in words."""
    return [
        ChangeWords(
            str(_LABELS[change["field"]]),
            _words_of(change["field"], change["before"]),
            _words_of(change["field"], change["after"]),
        )
        for change in changes
    ]


def _words_of(name: str, value: Any) -> str:
    return _WORDS.get(name, str)(value) or "–"


def _join_dates(dates: Sequence[tuple[str, str]]) -> str:
    return _("; ").join(
        f"{format_day(date.fromisoformat(day))} {time}".strip() for day, time in dates
    )


def _label_of(choices: Any) -> Callable[[str], str]:
    return lambda value: str(choices(value).label) if value else ""


def _join(names: Sequence[str]) -> str:
    return _("; ").join(names)


_WORDS: dict[str, Callable[[Any], str]] = {
    "items": _join,
    "preset": _label_of(Preset),
    "mode": _label_of(Mode),
    "audience": _label_of(Audience),
    "dates": _join_dates,
    "preferred_corps": _label_of(Corps),
    "joint_schools": _join,
}
_LABELS: dict[str, Promise] = {
    "title": pgettext_lazy("of a class", "Title"),
    "items": gettext_lazy("What is wanted"),
    "preset": gettext_lazy("Format"),
    "mode": gettext_lazy("Mode"),
    "audience": gettext_lazy("Audience"),
    "headcount": gettext_lazy("People expected"),
    "place": gettext_lazy("Place"),
    "dates": gettext_lazy("Dates by preference"),
    "preferred_corps": gettext_lazy("Preferred corps"),
    "preferred_instructor": gettext_lazy("Preferred lecturer"),
    "joint_schools": gettext_lazy("Schools that join"),
    "note": gettext_lazy("Note"),
}
