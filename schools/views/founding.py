"""Founding by form: the district, a township or village, a school, the top of the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.entry import page_if
from accounts.enums import Role
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.confirmations import Confirmation, confirm_action
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.periods import first_day
from schools.actions.founding import add_township, add_village, found_district, found_root
from schools.enums import TableKind
from schools.errors import SchoolsError
from schools.founding_forms import (
    CodeAndNameForm,
    DistrictForm,
    RootForm,
    TownshipForm,
    VillageForm,
)
from schools.models import District
from schools.permissions import founds
from schools.queries.founding import get_root, table_address
from schools.views.acting import acting, sent
from schools.views.schools import found_school


def crumbs_from_home(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """The breadcrumbs from the checklist on the home page; each step has its label and address."""
    return [{"label": label, "url": url} for label, url in ((_("Home"), reverse("home")), *steps)]


@read_or_write
@page_if(founds)
def district(request: PersonRequest) -> HttpResponse:
    """Found the district, or see it."""
    title = _("District")
    stored = District.objects.first()
    if stored is not None and request.method != "POST":
        links = []
        if holds_any(request.user, Role.SYSTEM_ADMINISTRATOR):
            address = reverse("admin:schools_district_change", args=[stored.pk])
            links = [(_("Correct code or name"), address)]
        facts = [(pgettext("of a thing", "Name"), stored.name), (_("Code"), stored.code)]
        return _show_founded(request, title, facts, links)
    form = DistrictForm(sent(request))
    return _found(
        request,
        form,
        title=title,
        do=lambda data: found_district(code=data["code"], name=data["name"], **acting(request)),
        effects=lambda founded: [
            _("%(name)s (%(code)s) is the district of this portal.")
            % {"name": founded.name, "code": founded.code},
            _("A database holds one district."),
        ],
        texts=(_("Found the district"), _("The district is founded.")),
    )


@read_or_write
@page_if(founds)
def township(request: PersonRequest) -> HttpResponse:
    """Add a township or subdistrict."""
    return _add_division(request, TownshipForm(sent(request)), _("Add a township"), add_township)


@read_or_write
@page_if(founds)
def village(request: PersonRequest) -> HttpResponse:
    """Add a village or community; its township follows from its code."""
    return _add_division(request, VillageForm(sent(request)), _("Add a village"), add_village)


def _add_division(
    request: PersonRequest, form: CodeAndNameForm, title: str, add: Callable[..., Any]
) -> HttpResponse:

    def effects(added: Any) -> list[str]:
        names = {"name": added.name, "code": added.code}
        above = getattr(added, "township", None)
        if above is None:
            return [_("%(name)s (%(code)s) is added.") % names]
        return [_("%(name)s (%(code)s) is added to %(township)s.") % {**names, "township": above}]

    return _found(
        request,
        form,
        title=title,
        do=lambda data: add(code=data["code"], name=data["name"], **acting(request)),
        effects=effects,
        texts=(title, _("It is added.")),
        above=(_("Townships and villages"), table_address(TableKind.DIVISIONS)),
    )


@read_or_write
@page_if(founds)
def school(request: PersonRequest) -> HttpResponse:
    """Found a school by form, as part of founding the district."""
    title, address = _("Schools"), table_address(TableKind.SCHOOLS)
    crumbs = crumbs_from_home((title, address), (_("Found a school"), ""))
    year = request.today.replace(month=1, day=1)
    return found_school(request, back=address, crumbs=crumbs, on=year)


@read_or_write
@page_if(founds)
def root(request: PersonRequest) -> HttpResponse:
    """Found the top of the organisation tree, or see it."""
    title = _("District committee")
    stored = get_root(request.today)
    if stored is not None and request.method != "POST":
        facts = [
            (pgettext("of a thing", "Name"), stored.name),
            (_("Code"), stored.code),
            (_("First day"), format_day(first_day(stored.period))),
        ]
        links = []
        if holds_any(request.user, Role.ORGANISATION_DEPARTMENT):
            links = [(_("Its page in the tree"), address_of("organisation", stored.pk))]
        return _show_founded(request, title, facts, links)
    form = RootForm(sent(request), today=request.today)

    def effects(founded: Any) -> list[str]:
        return [
            _("%(name)s (%(code)s) is the top of the organisation tree from %(day)s on.")
            % {
                "name": founded.name,
                "code": founded.code,
                "day": format_day(first_day(founded.period)),
            }
        ]

    return _found(
        request,
        form,
        title=title,
        do=lambda data: found_root(
            code=data["code"], name=data["name"], on=data["on"], **acting(request)
        ),
        effects=effects,
        texts=(_("Found the district committee"), _("The district committee is founded.")),
    )


def _found(
    request: PersonRequest,
    form: CodeAndNameForm,
    *,
    title: str,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    texts: tuple[str, str],
    above: tuple[str, str] | None = None,
) -> HttpResponse:
    """The form of a founding act and its check page; `texts`: button, success message.

    It leads back to the page `above`, by default the checklist.
    """
    submit_label, done = texts
    back = above[1] if above else reverse("home")
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(SchoolsError,),
        location=back,
        page={
            "title": title,
            "submit_label": submit_label,
            "done": done,
            "cancel_url": back,
            "crumbs": crumbs_from_home(*([above] if above else []), (title, "")),
        },
    )
    return confirm_action(request, steps)


def _show_founded(
    request: PersonRequest, title: str, facts: list[tuple[str, str]], links: list[tuple[str, str]]
) -> HttpResponse:
    context = {
        "title": title,
        "facts": facts,
        "links": links,
        "crumbs": crumbs_from_home((title, "")),
    }
    return render(request, "schools/founded.html", context)
