"""What the words of an office's layout mean: a measure, a row or column it is narrowed to, a total.

A meaning is a code of dimension and key, such as `measure:person_times`, `source:sent`, `school:7`
or `total`. A header may join several words, such as those of a source and of a measure.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from courses.enums import Format, Mode, Strand
from courses.models import Module
from instructors.enums import Corps
from schools.enums import Audience
from schools.models import School

_WORDS = Path(__file__).resolve().parents[1] / "data" / "sheet_words.csv"
TOTAL, IGNORED = "total", "ignored"
# What the name of a school may go without.
_ENDING = "ending"
MEMBER = "member"
# Of classes and sessions; whatever else is counted is of a school alone.
MEASURES: dict[str, Promise] = {
    "classes": gettext_lazy("Classes"),
    "sessions": gettext_lazy("Sessions"),
    "person_times": gettext_lazy("Person-times"),
    "members": gettext_lazy("Distinct members"),
    "taught": gettext_lazy("Hours taught"),
    "hours": gettext_lazy("Hours posted"),
    "studies": gettext_lazy("Branch studies"),
    "study_times": gettext_lazy("Person-times of branch studies"),
}
OF_STUDIES = ("studies", "study_times")
SOURCES: dict[str, Promise] = {
    "self": gettext_lazy("self-organised"),
    "sent": gettext_lazy("sent by city or district"),
    "community": gettext_lazy("sent to communities"),
}
MEMBER_COLUMNS: dict[str, Promise] = {
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("Member number"),
    "organisation": gettext_lazy("Party organisation"),
    "school": gettext_lazy("School"),
    "hours": gettext_lazy("Credit hours"),
    "concentrated": gettext_lazy("Hours of concentrated training"),
    "collective": gettext_lazy("Hours of collective study"),
    "other": gettext_lazy("Hours of other study"),
}
_CHOICES: dict[str, Any] = {
    "audience": Audience,
    "strand": Strand,
    "format": Format,
    "mode": Mode,
    "corps": Corps,
}
# What stands in brackets at the end, such as a unit, says nothing more.
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]$")
_BETWEEN = re.compile(r"[\s:、,;/·-]+")
_MONTHS = range(1, 13)


def normalise(text: object) -> str:
    """A word without case, width, spaces, separators and a unit in brackets."""
    plain = unicodedata.normalize("NFKC", str(text)).strip().lower()
    return _BETWEEN.sub("", _BRACKETS.sub("", plain)) or _BETWEEN.sub("", plain)


@dataclass(frozen=True)
class Meaning:
    """What a cell asks for: one measure, and what it is narrowed to; or a column of members."""

    measure: str = ""
    narrowed: tuple[tuple[str, str], ...] = ()
    column: str = ""

    @property
    def problem(self) -> str:
        """Why there is no such figure; empty if there is one."""
        names = [name for name, _key in self.narrowed]
        if len(names) > len(set(names)):
            return _("Row and column say different things.")
        if self.measure in OF_STUDIES and set(names) - {"school", "month"}:
            return _("Branch studies are counted by school and month alone.")
        return ""


class Vocabulary:
    """The words that are understood: built-in ones, names of rows, and what an officer chose."""

    def __init__(self, schools: Iterable[School], chosen: Mapping[str, str]) -> None:
        self._labels = _labels(schools)
        self._words: dict[str, list[str]] = {}
        for code, word in (*_built_in(), *_named(schools)):
            if code == _ENDING:
                continue
            self._words.setdefault(normalise(word), []).append(code)
        self._chosen = dict(chosen)

    def codes(self, text: object, *, of_members: bool = False) -> list[str] | None:
        """What a header means, as codes; None if it is not understood."""
        word = normalise(text)
        if word in self._chosen:
            code = self._chosen[word]
            is_for_both = code in {TOTAL, IGNORED}
            return [code] if is_for_both or _is_column(code) == of_members else None
        return self._split(word, of_members=of_members) if word else None

    def _split(self, word: str, *, of_members: bool) -> list[str] | None:
        """The codes of the fewest known words that together are this one."""
        whole = self._one(word, of_members=of_members)
        if whole is not None or of_members:
            return None if whole is None else [whole]
        for end in range(len(word) - 1, 0, -1):
            first = self._one(word[:end], of_members=False)
            rest = self._split(word[end:], of_members=False) if first else None
            if first and rest:
                return [first, *rest]
        return None

    def _one(self, word: str, *, of_members: bool) -> str | None:
        codes = self._words.get(word, [])
        fitting = (code for code in codes if _is_column(code) == of_members)
        return next(fitting, None)

    def label(self, code: str) -> str:
        """A code in words: its dimension and its key."""
        return self._labels.get(code, code)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """All meanings that an officer may choose for a word, with their labels."""
        return list(self._labels.items())


def _is_column(code: str) -> bool:
    return code.startswith(f"{MEMBER}:")


def combine(codes: Iterable[str]) -> Meaning | None:
    """The figure that these codes ask for together; None without a measure, or with two."""
    measures: set[str] = set()
    narrowed: dict[tuple[str, str], None] = {}
    for code in codes:
        dimension, _colon, key = code.partition(":")
        if dimension == "measure":
            measures.add(key)
        elif dimension not in {TOTAL, IGNORED}:
            narrowed[dimension, key] = None
    if len(measures) != 1:
        return None
    return Meaning(measures.pop(), tuple(narrowed))


@cache
def _built_in() -> list[tuple[str, str]]:
    """The words of the product (`data/sheet_words.csv`), and the labels of all choices."""
    with _WORDS.open(encoding="utf-8", newline="") as file:
        words = [(row["code"], row["word"]) for row in csv.DictReader(file)]
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words += [
                (f"{name}:{value}", str(label))
                for name, choices in _CHOICES.items()
                for value, label in choices.choices
            ]
    return words


def _named(schools: Iterable[School]) -> Iterable[tuple[str, str]]:
    """The names of modules and schools; a school is also called by its township."""
    for module in Module.objects.order_by("code"):
        yield f"module:{module.pk}", module.name
    for school in schools:
        endings = [word for code, word in _built_in() if code == _ENDING]
        for word in (school.name, school.code, *map(school.name.removesuffix, endings)):
            yield f"school:{school.pk}", word


def _labels(schools: Iterable[School]) -> dict[str, str]:
    """All codes with their labels, in the order of the choices."""
    groups: list[tuple[str, str, Iterable[tuple[Any, Any]]]] = [
        (_("Measure"), "measure", MEASURES.items()),
        (pgettext("of a session", "Source"), "source", SOURCES.items()),
        (_("School"), "school", [(school.pk, school.name) for school in schools]),
        (_("Module"), "module", Module.objects.order_by("code").values_list("pk", "name")),
        (_("Audience"), "audience", Audience.choices),
        (_("Strand"), "strand", Strand.choices),
        (_("Format"), "format", Format.choices),
        (_("Mode"), "mode", Mode.choices),
        (_("Corps"), "corps", Corps.choices),
        (_("Month"), "month", [(month, month) for month in _MONTHS]),
        (_("Column of the list of members"), MEMBER, MEMBER_COLUMNS.items()),
    ]
    pair = _("%(label)s: %(value)s")
    return {
        TOTAL: _("Total, not narrowed"),
        IGNORED: _("Says nothing: leave it out"),
        **{
            f"{name}:{key}": pair % {"label": label, "value": capfirst(str(value))}
            for label, name, values in groups
            for key, value in values
        },
    }
