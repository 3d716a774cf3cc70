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
from config.lib.periods import calendar_year
from config.lib.year_filters import without_year, year_filter
from dispatch.enums import OPEN_STAGES, EngagementState, LetterStage
from dispatch.models import Engagement, JointSchool, WishedDate
from dispatch.queries.board import BOARD_STATES, BoardBy
from dispatch.queries.queue import QUEUE_WORDS
from instructors.enums import Corps
from schools.filters import school_filter
from schools.models import School

OWNERS = {"mine": gettext_lazy("mine"), "none": gettext_lazy("nobody's")}


# States of letters that are several, or of their lecturers.
OPEN_LETTERS, UNANSWERED = "open", "unanswered"
_MORE_STATES = {
    OPEN_LETTERS: gettext_lazy("not scheduled and agreed"),
    UNANSWERED: gettext_lazy("a lecturer has not answered"),
}
STATE_WORDS: dict[str, Any] = {**dict(LetterStage.choices), **_MORE_STATES}
# With the desk or with the school, and nothing agreed yet.
UNSETTLED = Q(stage__in=OPEN_STAGES - {LetterStage.DRAFT})


def wished_in(year: int) -> Q:
    """Letters that wish for a day of the year."""
    days = calendar_year(year)
    wished = WishedDate.objects.filter(day__gte=days.lower, day__lt=days.upper)
    return Q(pk__in=wished.values("letter"))


def unanswered_in(year: int) -> Q:
    """Letters with a session in the year whose lecturer has not answered."""
    return _unanswered(starts_at__year=year)


def _unanswered(**which: object) -> Q:
    waiting = Engagement.objects.filter(state=EngagementState.PROPOSED, **which)
    return Q(pk__in=waiting.values("letter"))


def letter_filters(asked: ListRequest) -> Filters:
    """Filters for booking letters: number or title, school, year, and state.

    A school finds those too that it joins, unless they are asked for by what is to be finished:
    that is the host's to do.
    """
    text = asked.text("booking")
    found = Q(number__contains=text) | Q(title__contains=text)
    stage, year = _stage(asked, STATE_WORDS), year_filter(asked)
    if not asked.query.get("year"):
        year = replace(without_year(year, _("all years")), words="")
    school = _with_guests(school_filter(asked))
    if stage.value in _MORE_STATES:
        hosts = Q(school__in=School.objects.visible_to(asked.user, asked.today))
        is_open = UNSETTLED if stage.value == OPEN_LETTERS else _unanswered()
        stage = replace(stage, condition=hosts & is_open)
        school = school_filter(asked, "school")
    if year.value:
        in_year = unanswered_in if stage.value == UNANSWERED else wished_in
        year = replace(year, condition=in_year(int(year.value)))
    return Filters(
        [search(asked, _("Number or title"), found, name="booking"), school, year, stage]
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


def _stage(asked: ListRequest, words: Mapping[Any, Any]) -> Filter:
    """The stages of letters that have `words`."""
    stages = {str(stage): str(label) for stage, label in words.items()}
    return choose(
        asked,
        "letter_stage",
        _("State"),
        stages,
        conditions={value: Q(stage=value) for value in stages},
        any_label=_("all states"),
    )
