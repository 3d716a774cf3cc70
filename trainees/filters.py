"""Filters of the lists about organisations, accounts and imports of the register."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.roles import holds_any
from config.lib.filters import (
    Filter,
    Filters,
    ListRequest,
    choose,
    day,
    fixed_filter,
    search,
    yes_or_no,
)
from config.lib.periods import in_force
from config.lib.type_ahead import TypeAhead
from config.lib.year_filters import judged_on
from schools.enums import Audience
from schools.filters import with_school_note
from schools.models import Organisation, School
from trainees.enums import AccountState, RowKind
from trainees.models import Member, Membership, RegisterImport
from trainees.queries.audiences import in_audience


def tree_filters(asked: ListRequest) -> Filters:
    """Filters for organisations: a school, a search, and whether closed ones are shown."""
    schools = School.objects.visible_to(asked.user, asked.today)
    options = {str(school.pk): school.name for school in schools}
    school = choose(asked, "school", _("School"), options, any_label=_("all schools"))
    closed = "1" if asked.query.get("closed") == "1" else ""
    words = yes_or_no(True) if closed else ""
    return Filters(
        [
            with_school_note(asked, school, options),
            search(asked, _("Name, pinyin initials or code"), name="name"),
            Filter("closed", _("Closed ones as well"), closed, None, words),
        ]
    )


def slip_filters(asked: ListRequest) -> Filters:
    """Filters for accounts and slips: organisation, state and search."""
    states = {value: str(label) for value, label in AccountState.choices}
    state = choose(
        asked,
        "state",
        _("Account"),
        states,
        conditions={value: Q(account_state=value) for value in states},
        any_label=_("all states"),
    )
    typed = search(asked, _("Name, pinyin initials or member number"))
    return Filters([*filters_of_served(asked), state, typed])


def filters_of_served(asked: ListRequest) -> list[Filter]:
    """Filters for the organisations with members whom the person may issue slips and cards for.

    The organisation department has too many for one list, so it first selects a school.
    """
    on = asked.today
    members = Member.objects.slips_by(asked.user, on)
    items: list[Filter] = []
    if holds_any(asked.user, Role.ORGANISATION_DEPARTMENT):
        schools = {str(school.pk): school.name for school in School.objects.in_force(on)}
        school = choose(asked, "school", _("School"), schools, any_label=_("all schools"))
        items.append(replace(school, audit_text=school.words))
        value = school.value
        members = Member.objects.for_school(int(value), on) if value else Member.objects.none()
    here = Membership.objects.filter(
        in_force(on), organisation=OuterRef("pk"), member__in=members.order_by()
    )
    served = Organisation.objects.filter(Exists(here)).order_by("code")
    organisations = {str(organisation.pk): organisation.name for organisation in served}
    words = {str(row.pk): f"{row.name_initials} {row.code}" for row in served}
    only = next(iter(organisations), "") if len(organisations) == 1 else ""
    organisation = choose(
        asked,
        "organisation",
        _("Party organisation"),
        organisations,
        any_label="" if only else _("all organisations") if organisations else "",
        default=only,
        widget=TypeAhead(words=words),
    )
    return [*items, replace(organisation, audit_text=organisation.words)]


def import_row_filters(asked: ListRequest) -> Filters:
    """Filters for the rows of one import of the register: the import, and the kind of row."""
    register = RegisterImport.objects.only("file_name").filter(pk=asked.key("import")).first()
    kinds = {value: str(label) for value, label in RowKind.choices}
    return Filters(
        [
            fixed_filter("import", _("Import of the register"), register, str(register or "")),
            choose(asked, "rows", _("Rows by kind"), kinds, default=RowKind.NEW.value),
        ]
    )


def below_filters(asked: ListRequest) -> Filters:
    """Filters for organisations directly below another one, on a day (default today)."""
    visible = Organisation.objects.visible_to(asked.user, asked.today)
    above = visible.filter(pk=asked.key("above")).first()
    return Filters(
        [
            fixed_filter("above", _("Directly below"), above, str(above or "")),
            day(asked, "on", _("As of the day")),
        ]
    )


def audience_filter(asked: ListRequest, year: Filter | None = None, path: str = "") -> Filter:
    """Secretaries, Party-affairs workers or ordinary members.

    `path` leads to a member or, without a `year`, to the audience of a class.
    """
    options = {value: str(label) for value, label in Audience.choices}
    conditions = {}
    if path:
        on = judged_on(asked, year) if year else None
        conditions = {
            value: in_audience(value, on, path) if on else Q(**{path: value}) for value in options
        }
    return choose(
        asked,
        "audience",
        _("Audience"),
        options,
        conditions=conditions,
        any_label=_("all audiences"),
    )
