"""Find the organisation that an office means, by name or code, or suggest similar names."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backstage.imports.reasons import CellError
from config.lib.names import clean_text
from config.lib.periods import in_force
from config.lib.resident_ids import holds_resident_id
from schools.enums import SuccessionKind
from schools.models import NameChange, Organisation, OrganisationSuccession


class NameReason(StrEnum):
    """Codes for names that mean no organisation, or none for certain."""

    SAME_NAME = "same_name"
    NEAREST_NAMES = "nearest_names"
    NO_ORGANISATION = "no_organisation"
    RENAMED = "renamed"
    MERGED = "merged"


# No organisation has or had such a name.
UNKNOWN_NAMES = frozenset({NameReason.NEAREST_NAMES, NameReason.NO_ORGANISATION})

SENTENCES: dict[str, Promise | str] = {
    NameReason.SAME_NAME: _("Several organisations have this name; write the code: %(codes)s"),
    NameReason.NEAREST_NAMES: _("No organisation has this name. Nearest: %(names)s"),
    NameReason.NO_ORGANISATION: _("No organisation has this name or code."),
    NameReason.RENAMED: _("This was renamed to %(name)s on %(day)s. Nearest: %(names)s"),
    NameReason.MERGED: _("This was merged into %(name)s on %(day)s. Nearest: %(names)s"),
}

SUGGESTIONS = 3
# So many unknown names get suggestions: a file with more of them is one of another district.
MOST_SUGGESTED = 100
LONGEST_NAME = 100
# Names that share less than this of their character pairs are not similar.
_LIKENESS = 0.25


@dataclass(frozen=True, slots=True)
class _Former:
    """A former name or code: what happened to its organisation, and when."""

    text: str
    reason: NameReason
    organisation_id: int  # the organisation that it leads to, which exists on the day
    since: date


class OrganisationFinder:
    """Organisations in force on a day, found by an office's text; each text is looked up once.

    A name means the organisation with that name on that day; a later name counts if none had it
    then. A former name is never accepted for the organisation that it leads to, because the office
    may not know about the change.
    """

    def __init__(self, on: date) -> None:
        self._on = on
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_later_name: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._name_of: dict[int, str] = {}
        self._changes = list(NameChange.objects.order_by("takes_effect_on"))
        names_then: dict[int, str] = {}
        for change in self._changes:
            if change.takes_effect_on > on:
                names_then.setdefault(change.organisation_id, change.former_name)
        rows = Organisation.objects.filter(in_force(on)).values_list("id", "code", "name")
        for pk, code, name in rows:
            then = self._name_of[pk] = names_then.get(pk, name)
            self._by_code[code] = pk
            self._by_name[_folded(then)].append((pk, code))
            if then != name:
                self._by_later_name[_folded(name)].append((pk, code))
        self._pairs = [(name, _pairs_of(name)) for name in self._name_of.values()]
        self._former: dict[str, dict[int, _Former]] = defaultdict(dict)
        for former in (*self._list_renamed(), *self._list_merged()):
            self._former[_folded(former.text)][former.organisation_id] = former
        # An error is kept as its values: one that is raised again and again grows each time.
        self._known: dict[Any, int | tuple[str, dict[str, Any]]] = {}
        self._suggested = 0

    def _list_renamed(self) -> Iterator[_Former]:
        """Names that organisations had before the day, each with the day of the last change."""
        past = [change for change in self._changes if change.takes_effect_on <= self._on]
        last = {change.organisation_id: change.takes_effect_on for change in past}
        for change in past:
            pk = change.organisation_id
            if pk in self._name_of:
                yield _Former(change.former_name, NameReason.RENAMED, pk, last[pk])

    def _list_merged(self) -> Iterator[_Former]:
        """Names and codes of organisations that were merged into one that exists on the day."""
        mergers = OrganisationSuccession.objects.filter(
            kind=SuccessionKind.MERGER, takes_effect_on__lte=self._on
        )
        rows = list(mergers.select_related("former"))
        into = {row.former_id: row for row in rows}
        names: dict[int, list[str]] = defaultdict(list)
        for change in self._changes:
            names[change.organisation_id].append(change.former_name)
        for row in rows:
            step = row
            # Each organisation ended on the day of its merger, so no chain is circular.
            while step.successor_id in into:
                step = into[step.successor_id]
            if step.successor_id in self._name_of:
                goal, since = step.successor_id, step.takes_effect_on
                for text in (row.former.code, row.former.name, *names[row.former_id]):
                    yield _Former(text, NameReason.MERGED, goal, since)

    def find(self, cell: Any) -> int:
        """The id of the organisation that `cell` names. Raises CellError with suggestions.

        Only the first `MOST_SUGGESTED` unknown names get suggestions.
        """
        if cell not in self._known:
            try:
                self._known[cell] = self._look_up(cell)
            except CellError as error:
                self._known[cell] = error.reason, error.values
        match = self._known[cell]
        if isinstance(match, tuple):
            reason, values = match
            raise CellError(reason, **values)
        return match

    def is_unknown(self, text: str) -> bool:
        """Whether no organisation has or had this name or code."""
        known = (self._by_code, self._by_name, self._by_later_name, self._former)
        return not any(_folded(text) in texts for texts in known)

    def _look_up(self, cell: Any) -> int:
        text = _as_text(cell)
        folded = _folded(text)
        if folded in self._by_code:
            return self._by_code[folded]
        same = self._by_name.get(folded) or self._by_later_name.get(folded, [])
        if len(same) == 1:
            return same[0][0]
        if same:
            raise CellError(NameReason.SAME_NAME, codes=[code for _pk, code in same])
        led_to = self._former.get(folded, {})
        names = [self._name_of[pk] for pk in led_to]
        self._suggested += 1
        alike = self.list_nearest(text) if self._suggested <= MOST_SUGGESTED else ()
        near = list(dict.fromkeys([*names, *alike]))[:SUGGESTIONS]
        if len(led_to) == 1:
            (former,) = led_to.values()
            since = former.since.isoformat()
            raise CellError(former.reason, name=names[0], day=since, names=near)
        if near:
            raise CellError(NameReason.NEAREST_NAMES, names=near)
        raise CellError(NameReason.NO_ORGANISATION)

    def list_nearest(self, text: str) -> list[str]:
        """Names that share most pairs of neighbouring characters with `text`."""
        wanted = _pairs_of(text)
        alike = []
        for name, pairs in self._pairs:
            shared = len(wanted & pairs)
            if shared:
                alike.append((2 * shared / (len(wanted) + len(pairs)), name))
        alike.sort(key=lambda pair: (-pair[0], pair[1]))
        return [name for likeness, name in alike[:SUGGESTIONS] if likeness >= _LIKENESS]


def organisation_text(cell: Any) -> str:
    """The name or code of an organisation in a cell; empty for a long text, and an ID number."""
    text = clean_text(_as_text(cell))
    return text if len(text) <= LONGEST_NAME and not holds_resident_id(text) else ""


def proposable_name(cell: Any) -> str:
    """The name of an organisation in a cell; empty for a code, a long text, and an ID number."""
    name = clean_text(cell) if isinstance(cell, str) else ""
    is_name = name and len(name) <= LONGEST_NAME and not name.isdecimal()
    return name if is_name and not holds_resident_id(name) else ""


def _as_text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _in_digits(text: str) -> str:
    """`text` with Chinese numerals as digits, so that both ways to write a number compare equal."""
    runs = ((is_numeral, "".join(run)) for is_numeral, run in groupby(text, _is_numeral))
    return "".join(str(_number_of(run)) if is_numeral else run for is_numeral, run in runs)


def _is_numeral(character: str) -> bool:
    return unicodedata.category(character) == "Lo" and (
        unicodedata.numeric(character, None) is not None
    )


def _number_of(numerals: str) -> int:
    """The number: units follow one another as digits; tens and more multiply what precedes."""
    total = last = 0
    for value in (int(unicodedata.numeric(numeral)) for numeral in numerals):
        if value < 10:
            last = last * 10 + value
        else:
            total, last = total + (last or 1) * value, 0
    return total + last


def _pairs_of(text: str) -> set[str]:
    folded = _in_digits(_folded(text))
    return {folded[i : i + 2] for i in range(len(folded) - 1)}
