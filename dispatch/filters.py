"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose, day, search
from dispatch.enums import LetterStage
from dispatch.models import JointSchool
from dispatch.queries.board import BOARD_STATES, BoardBy
from dispatch.queries.queue import QUEUE_WORDS
from instructors.enums import Corps
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
    return Filters([school_filter(asked, "school"), _stage(asked, QUEUE_WORDS), owner])


def board_filters(asked: ListRequest) -> Filters:
    """Filters for the board: a day of the week that is shown, the school, the corps, the state."""
    words = {str(value): str(label) for value, label in BOARD_STATES.items()}
    corps = {value: str(label) for value, label in Corps.choices}
    by = choose(asked, "by", "", {kind.value: kind.value for kind in BoardBy}, default="lecturer")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)
    return Filters(
        [
            day(asked, "day", _("Week of the day")),
            school_filter(asked),
            choose(asked, "board_corps", _("Corps"), corps, any_label=_("all corps")),
            choose(asked, "board_state", _("State"), words, any_label=_("all states")),
            replace(by, field=hidden, words=""),
        ]
    )


def _stage(asked: ListRequest, words: Mapping[LetterStage, Any] | None = None) -> Filter:
    """The stages of letters, or those that have `words`."""
    named = words or {stage: stage.label for stage in LetterStage}
    stages = {str(stage): str(label) for stage, label in named.items()}
    return choose(
        asked,
        "letter_stage",
        _("State"),
        stages,
        conditions={value: Q(stage=value) for value in stages},
        any_label=_("all states"),
    )
