"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose, search
from dispatch.enums import LetterStage
from dispatch.models import JointSchool
from schools.filters import school_filter

OWNERS = {"mine": gettext_lazy("mine"), "none": gettext_lazy("nobody's")}


def letter_filters(asked: ListRequest) -> Filters:
    """Filters for booking letters: the school, host or guest, the state, and number or title."""
    text = asked.text("booking")
    found = Q(number__contains=text) | Q(title__contains=text)
    return Filters(
        [
            search(asked, _("Number or title"), found, name="booking"),
            _with_guests(school_filter(asked)),
            _stage(asked),
        ]
    )


def _with_guests(school: Filter) -> Filter:
    """The filter by school for letters: a school finds those too that it joins."""
    if not school.value:
        return school
    joined = JointSchool.objects.filter(school=int(school.value)).values("letter")
    return replace(school, condition=Q(school=school.value) | Q(pk__in=joined))


def queue_filters(asked: ListRequest) -> Filters:
    """Filters for the queue of the desk: the school, the state, and who works on it."""
    owner = choose(
        asked,
        "letter_owner",
        _("Worked on by"),
        {value: str(label) for value, label in OWNERS.items()},
        conditions={"mine": Q(owner=asked.user.pk), "none": Q(owner=None)},
        any_label=_("everybody"),
    )
    return Filters([school_filter(asked, "school"), _stage(asked), owner])


def _stage(asked: ListRequest) -> Filter:
    stages = {value: str(label) for value, label in LetterStage.choices}
    return choose(
        asked,
        "letter_stage",
        _("State"),
        stages,
        conditions={value: Q(stage=value) for value in stages},
        any_label=_("all states"),
    )
