"""Marks entered by the line numbers of a signed sheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rolls.enums import AttendanceStatus

_PREFIX = "numbers"
_RANGE = re.compile(r"\s*[-~–—−]+\s*")
_SEPARATOR = re.compile(r"[\s,;、]+")
_PART = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_NAMED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.ON_LEAVE)
_LONGEST = 1000


@dataclass(frozen=True)
class FilledIn:
    """The marks of a roll form after numbers were filled in, and how many people each step changed.

    `named`: people per status whose numbers were typed; `rest`: people marked absent because their
    number was not typed; `changed`: people with another mark before; `unmarked`: people who still
    have no mark.
    """

    marks: dict[int, str]
    named: list[tuple[str, int]]
    rest: int
    changed: int
    unmarked: int


class SheetNumbersForm(forms.Form):
    """Numbers and ranges of those present, late and on leave; the others can become absent.

    A number is the position of a line on the sheet, from 1 to `count`.
    """

    present = forms.CharField(
        label=gettext_lazy("Numbers present"),
        required=False,
        max_length=_LONGEST,
        help_text=gettext_lazy("Numbers and ranges, as 1-12, 15, 18-20."),
    )
    late = forms.CharField(label=gettext_lazy("Numbers late"), required=False, max_length=_LONGEST)
    on_leave = forms.CharField(
        label=gettext_lazy("Numbers on leave"), required=False, max_length=_LONGEST
    )
    rest_absent = forms.BooleanField(
        label=gettext_lazy("Everyone else without a mark is absent"), required=False
    )

    def __init__(self, data: QueryDict | None = None, *, count: int) -> None:
        super().__init__(data, prefix=_PREFIX)
        self.count = count

    @staticmethod
    def is_typed(body: QueryDict) -> bool:
        """Whether a roll form has numbers, which are filled in before anything is saved."""
        return any(str(body[name]).strip() for name in body if name.startswith(f"{_PREFIX}-"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.marks: dict[int, str] = {}
        for status in _NAMED:
            try:
                self._read(status, cleaned.get(status.value, ""))
            except forms.ValidationError as error:
                self.add_error(status.value, error)
        if not self.errors and not self.marks and not cleaned["rest_absent"]:
            self.add_error(AttendanceStatus.PRESENT.value, _("Type the numbers first."))
        return cleaned

    def _read(self, status: AttendanceStatus, text: str) -> None:
        """Add the numbers of one field to `marks`. Raises ValidationError naming a wrong number."""
        plain = _RANGE.sub("-", normalize("NFKC", text))
        for part in filter(None, _SEPARATOR.split(plain)):
            for number in self._numbers(part):
                if number in self.marks:
                    raise forms.ValidationError(
                        _("%(number)d stands twice."),
                        code="twice",
                        params={"number": number},
                    )
                self.marks[number] = status.value

    def _numbers(self, part: str) -> range:
        match = _PART.fullmatch(part)
        if match is None:
            raise forms.ValidationError(
                _("%(part)s is neither a number nor a range as 1-12."),
                code="no_number",
                params={"part": part},
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise forms.ValidationError(
                _("%(part)s runs backwards."), code="backwards", params={"part": part}
            )
        if first < 1 or last > self.count:
            raise forms.ValidationError(
                _("%(part)s is not on the sheet: its numbers run from 1 to %(count)d."),
                code="not_there",
                params={"part": part, "count": self.count},
            )
        return range(first, last + 1)

    def fill(self, marks: dict[int, str], member_ids: Sequence[int]) -> FilledIn:
        """Apply the numbers to the marks of a form; `member_ids` are in the order of the sheet."""
        named = {member_ids[number - 1]: status for number, status in self.marks.items()}
        filled = marks | named
        rest = []
        if self.cleaned_data["rest_absent"]:
            rest = [pk for pk in member_ids if not filled.get(pk)]
            filled |= dict.fromkeys(rest, AttendanceStatus.ABSENT.value)
        counted = Counter(self.marks.values())
        return FilledIn(
            marks=filled,
            named=[(str(status.label), counted[status.value]) for status in _NAMED],
            rest=len(rest),
            changed=sum(marks.get(pk, "") not in {"", status} for pk, status in named.items()),
            unmarked=sum(not filled.get(pk) for pk in member_ids),
        )
