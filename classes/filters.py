"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose, day, search
from config.lib.name_search import is_named_like
from config.lib.type_ahead import TypeAhead, pinyin_of
from config.lib.year_filters import current_year, part_filter, year_filter
from config.lib.years import FIRST_YEAR
from courses.filters import module_filter
from courses.models import Course, TrainingClass, Venue
from courses.queries.loads import is_delivered
from hours.queries.requirements import COUNTED, Outcome
from instructors.enums import Corps, LetterStanding
from instructors.lecturer_choice import find_words
from instructors.models import Instructor
from schools.enums import Audience
from schools.filters import organisation_filter, school_filter
from schools.models import Township
from schools.permissions import sees_schools


def supervision_filters(asked: ListRequest) -> Filters:
    """Filters for supervision notes: the school visited, and the time of the session."""
    year = year_filter(asked, "session__held_on__year")
    part = part_filter(asked, year, "session__held_on")
    return Filters([school_filter(asked, "session__training_class__school"), year, part])


def roster_filters(asked: ListRequest, training_class: TrainingClass) -> Filters:
    """Filters for candidates of a class: organisation, audience, shortfall, and a search.

    The defaults are the audience of the class, and members short of hours.
    """
    audiences = {value: str(label) for value, label in Audience.choices}
    outcomes = {Outcome.SHORT.value: _("short of hours"), COUNTED: _("owes hours")}
    year = current_year(asked)
    return Filters(
        [
            organisation_filter(asked, year),
            choose(
                asked,
                "audience",
                _("Audience"),
                audiences,
                any_label=_("all audiences"),
                default=training_class.audience,
            ),
            choose(
                asked,
                "outcome",
                _("Shortfall"),
                outcomes,
                any_label=_("everybody"),
                default=Outcome.SHORT.value,
            ),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )


NO_TOWNSHIP = "none"
PLANNED, TAUGHT, CALLED_OFF = "planned", "taught", "called_off"
TEACHING_LABELS = {
    PLANNED: gettext_lazy("planned"),
    TAUGHT: gettext_lazy("taught"),
    CALLED_OFF: gettext_lazy("called off"),
}


def lecturer_filters(asked: ListRequest) -> Filters:
    """Filters for lecturers; the year is that of the load."""
    corps = {value: str(label) for value, label in Corps.choices}
    standings = {value: str(label) for value, label in LetterStanding.choices}
    text = asked.text("lecturer")
    named = is_named_like(text) if text else None
    return Filters(
        [
            search(asked, _("Name or pinyin initials"), named, "lecturer"),
            choose(
                asked,
                "corps",
                _("Corps"),
                corps,
                conditions={value: Q(corps=value) for value in corps},
                any_label=_("all corps"),
            ),
            _township_filter(asked),
            choose(
                asked,
                "letter_standing",
                _("Letter of appointment"),
                standings,
                conditions={value: Q(letter_standing=value) for value in standings},
                any_label=_("all states"),
            ),
            _taught_module_filter(asked),
            _taught_course_filter(asked),
            _teaching_year(asked),
        ]
    )


def _teaching_year(asked: ListRequest, path: str = "") -> Filter:
    """The years since the network began, and the next, of which sessions are planned already."""
    years = [str(year) for year in range(asked.today.year + 1, FIRST_YEAR - 1, -1)]
    return choose(
        asked,
        "year",
        _("Year"),
        {year: year for year in years},
        conditions={year: Q(**{path: int(year)}) for year in years} if path else None,
        default=str(asked.today.year),
    )


def _township_filter(asked: ListRequest) -> Filter:
    names = dict(Township.objects.values_list("code", "name"))
    conditions = {code: Q(home_township__code=code) for code in names}
    conditions[NO_TOWNSHIP] = Q(home_township=None)
    township = choose(
        asked,
        "township",
        _("Home township"),
        names | {NO_TOWNSHIP: _("not known or outside")},
        conditions=conditions,
        any_label=_("all townships"),
    )
    return replace(township, audit_text=township.words)


def _taught_module_filter(asked: ListRequest) -> Filter:
    """Lecturers who may teach a course of the module that is offered today."""
    module = module_filter(asked)
    offered = Course.objects.offered(asked.today).filter(module__code=module.value)
    condition = Q(pk__in=offered.values("instructors")) if module.value else None
    return replace(module, condition=condition)


def _taught_course_filter(asked: ListRequest) -> Filter:
    """Lecturers who may teach a course offered today with this title or code."""
    text = asked.text("course")
    titled = Q(title__icontains=text) | Q(code__istartswith=text)
    offered = Course.objects.offered(asked.today).filter(titled)
    condition = Q(pk__in=offered.values("instructors"))
    return search(asked, _("Title or code of the course"), condition, "course")


def teaching_filters(asked: ListRequest) -> Filters:
    """Filters for the sessions of a lecturer: the time, and whether they were taught."""
    year = _teaching_year(asked, "held_on__year")
    part = part_filter(asked, year, "held_on")
    state = choose(
        asked,
        "teaching",
        _("State"),
        {key: str(label) for key, label in TEACHING_LABELS.items()},
        conditions={
            PLANNED: Q(called_off_at=None),
            TAUGHT: Q(called_off_at=None) & is_delivered(),
            CALLED_OFF: Q(called_off_at__isnull=False),
        },
        any_label=_("all states"),
    )
    return Filters([year, part, state])


WEEK, MONTH = "week", "month"
VIEW_LABELS = {
    WEEK: pgettext_lazy("of a calendar", "Week"),
    MONTH: pgettext_lazy("of a calendar", "Month"),
}


def calendar_filters(asked: ListRequest) -> Filters:
    """Whose calendar is shown: of a school, a venue, a lecturer; and which week or month.

    A venue of another school than the one asked for is left out, as when the school is changed.
    Lecturers without a role at a school have their own calendar alone.
    """
    school = school_filter(asked)
    of_lecturer = not sees_schools(asked.user)
    seen = Venue.objects.visible_to(asked.user, asked.today).select_related("school")
    venues = [venue for venue in seen if school.value in {"", str(venue.school_id)}]
    rooms = {
        str(venue.pk): venue.name if school.value else f"{venue.school.name} · {venue.name}"
        for venue in venues
    }
    elsewhere = {str(venue.pk) for venue in seen} - set(rooms)
    if asked.query.get("venue", "") in elsewhere:
        query = {name: asked.query[name] for name in asked.query}
        asked = replace(asked, query=query | {"venue": ""})
    known = Instructor.objects.known_to(asked.user, asked.today).order_by("name_pinyin", "pk")
    lecturers = {str(one.pk): f"{one.name} · {one.get_corps_display()}" for one in known}
    words = {str(one.pk): find_words(one) for one in known}
    spoken = {key: pinyin_of(room) for key, room in rooms.items()}
    own = next(iter(lecturers), "") if of_lecturer else ""
    views = {name: str(words) for name, words in VIEW_LABELS.items()}
    return Filters(
        [
            school,
            choose(
                asked,
                "venue",
                _("Venue"),
                rooms,
                any_label=_("all venues") if rooms else "",
                widget=TypeAhead(words=spoken),
            ),
            choose(
                asked,
                "lecturer",
                _("Lecturer"),
                lecturers,
                any_label="" if of_lecturer else _("all lecturers"),
                default=own,
                widget=TypeAhead(words=words),
            ),
            replace(day(asked, "day", _("Date")), words=""),
            _hidden(choose(asked, "view", _("View"), views, default=WEEK)),
        ]
    )


def _hidden(chosen: Filter) -> Filter:
    """A filter that goes along with the form and is changed by links."""
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)
    return replace(chosen, field=hidden, words="")
