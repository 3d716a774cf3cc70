"""Filters by school and by organisation, limited to what the user may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import DISTRICT_ROLES
from accounts.roles import holds_any
from config.lib.filters import Filter, Filters, ListRequest, choose
from config.lib.periods import inclusive_period
from config.lib.year_filters import judged_on
from schools.models import Organisation, School
from schools.organisation_forms import organisation_text
from schools.queries.finding import LONGEST_TYPED, Found, find_organisations
from schools.queries.tree import list_ids_below

# The value and the words of the school filter for what belongs to no school's area.
OUTSIDE = "none"
OUTSIDE_AREAS = gettext_lazy("Outside every school's area")


@dataclass(frozen=True)
class OrganisationFilter(Filter):
    """An organisation and everything below it, found by typed text.

    If several match, `hits` offers them. Until one is chosen, `ids` is empty and the list shows no
    row.
    """

    chosen: Organisation | None = None
    hits: Found = field(default_factory=Found)
    ids: list[int] | None = None


def school_filter(asked: ListRequest, path: str = "", *, of_members: bool = False) -> Filter:
    """The schools visible to the user; there is no choice if there is only one.

    In a list `of_members`, the district may also choose those outside every school's area.
    """
    schools = School.objects.visible_to(asked.user, asked.today)
    options = {str(school.pk): school.name for school in schools}
    if of_members and holds_any(asked.user, *DISTRICT_ROLES):
        options[OUTSIDE] = str(OUTSIDE_AREAS)
    school = choose(
        asked,
        "school",
        _("School"),
        options,
        conditions={key: Q(**{path: key}) for key in options} if path else None,
        any_label=_("all schools") if len(options) > 1 else "",
        default="" if len(options) > 1 else next(iter(options), ""),
    )
    return with_school_note(asked, school, options)


def with_school_note(asked: ListRequest, school: Filter, options: Mapping[str, str]) -> Filter:
    """The school filter with a note if the query string names a school that is not an option."""
    note, asked_for = "", asked.query.get("school", "")
    if asked_for and asked_for not in options:
        shown = school.words or _("all schools in your sight")
        note = _("The school asked for is not in your sight. Shown: %(shown)s.") % {"shown": shown}
    return replace(school, audit_text=school.words, note=note)


def organisation_filter(asked: ListRequest, year: Filter, path: str = "") -> OrganisationFilter:
    """Code, name or initials: one match is applied, several are offered, none gives no row."""
    label, text = _("Party organisation"), asked.text("organisation", LONGEST_TYPED)
    hint = _("Party organisation: code, name or initials")
    typed = forms.CharField(
        label=hint, required=False, max_length=LONGEST_TYPED, widget=organisation_text()
    )
    nothing = OrganisationFilter("organisation", label, text, typed)
    if not text:
        return nothing
    as_of = judged_on(asked, year)
    year_so_far = inclusive_period(as_of.replace(month=1, day=1), as_of)
    hits = find_organisations(asked.user, text, year_so_far, asked.today)
    if len(hits.shown) != 1:
        return replace(nothing, words=text, condition=Q(pk__in=[]), hits=hits, ids=[])
    organisation = hits.shown[0]
    ids = list_ids_below(organisation.pk, as_of)
    return replace(
        nothing,
        words=_("%(organisation)s and all below it") % {"organisation": organisation},
        condition=Q(**{f"{path}__in": ids}) if path else None,
        audit_text=str(organisation),
        chosen=organisation,
        ids=ids,
    )


def chosen_organisation(filters: Filters) -> OrganisationFilter:
    """The organisation filter of a list that has one."""
    return next(item for item in filters.items if isinstance(item, OrganisationFilter))


def chosen_schools(asked: ListRequest, filters: Filters) -> list[School]:
    """The chosen school, or all visible schools, if they existed in the chosen year."""
    schools = School.objects.visible_to(asked.user, asked.today)
    schools = schools.in_year(int(filters.value("year")))
    if filters.value("school") == OUTSIDE:
        return []
    return list(schools.filter(pk=filters.value("school")) if filters.value("school") else schools)


def holds_outside(asked: ListRequest, filters: Filters) -> bool:
    """Whether a list holds members outside every school's area: for the district, unless it has
    chosen a school.
    """
    chosen = filters.value("school")
    return chosen == OUTSIDE or (not chosen and holds_any(asked.user, *DISTRICT_ROLES))
