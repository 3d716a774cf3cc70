"""Home page and menu: the order, by rank, of the entries that the apps register."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from accounts.enums import ADMINISTRATOR_ROLES, MONEY_ROLES, Role
from accounts.models import User
from accounts.roles import held_roles
from backstage import tasklist
from backstage.tasklist import list_tasks
from config.lib.pages import address_of, all_pages
from schools.context_processors import navigation
from schools.models import Organisation
from tests.admin_pages import make_officer
from tests.architecture.layers import LAYERS
from tests.browsers import browser_of
from tests.factories import give_role, make_organisation, make_school, make_user

# The functions that list tasks, in the order of the home page; look-ups follow below the tasks.
TASKS = [
    "fetch_tasks",
    "roll_tasks",
    "reopening_tasks",
    "lecturer_tasks",
    "school_tasks",
    "claim_tasks",
    "desk_tasks",
    "department_tasks",
    "walk_in_tasks",
    "reconciliation_tasks",
    "signing_tasks",
    "countersigning_tasks",
    "fund_tasks",
    "segregation_tasks",
    "audit_tasks",
    "review_tasks",
    "returned_tasks",
    "import_tasks",
    "merge_tasks",
    "list_dispute_tasks",
    "list_clock_tasks",
    "nomination_tasks",
    "letter_tasks",
    "leave_tasks",
    "slip_tasks",
    "pending_tasks",
    "supervision_tasks",
    "rating_tasks",
    "teaching_tasks",
    "material_lookups",
    "own_tasks",
    "study_lookups",
    "security_tasks",
    "failed_job_tasks",
    "ledger_tasks",
    "audit_lookups",
]
LOOKUPS = [
    "Import the register",
    "Members listed twice",
    "My sign-in code",
    "My timetable",
    "My teaching",
    "My engagements",
    "When I can teach",
    "Classes that I could join",
    "Record a study",
    "Record a visit",
    "Declare hours",
    "Study records",
    "Sessions and rolls",
    "Calendar",
    "Menu of courses",
    "Mix of strands",
    "Booking letters",
    "Dispatch desk",
    "Dispatch plan",
    "Supervision notes",
    "Rules of booking",
    "Disputes",
    "Overview by school",
    "Annual report",
    "Task of the year and claims",
    "Progress of the year's task",
    "Themed days by branch and month",
    "Warnings of shortfalls",
    "Reconciliation of the year",
    "Members and their hours",
    "Statistics sheets",
    "Funds of the schools",
    "Costs and payments",
    "Special audits",
    "Classes without money",
    "Budget, commitments and payments",
    "What classes cost",
    "Organisations",
    "Schools",
    "Lecturers",
    "Nominations of lecturers",
    "Letters of appointment",
    "Find a member",
    "Accounts and slips",
    "Member cards",
    "Accounts",
    "Roles",
    "Slips and their codes",
    "Who has read the privacy notice",
    "System status",
    "Privacy notices",
    "Jobs",
    "Checks of the ledger",
    "Townships and villages",
    "Audit trail",
    "Today's entries",
    "Roles granted and changed",
    "Slips issued",
    "Lists exported",
    "Administration",
]
MENU = [
    "Home",
    "My credit hours",
    "My teaching",
    "Find a member",
    "Sessions and rolls",
    "Calendar",
    "Overview",
    "Annual tasks",
    "Funds",
    "Members",
    "Organisations",
    "Courses",
    "Bookings",
    "Dispatch",
    "Lecturers",
    "Schools",
    "Study records",
    "Accounts and slips",
    "Audit trail",
    "System status",
    "Administration",
]


@pytest.fixture
def people(db):
    """One user per administrator role, each of whom also has all roles of other kinds.

    Nobody can hold two administrator roles. Money roles add nothing to these lists.
    """
    organisation = make_organisation(make_school())
    others = {*Role} - ADMINISTRATOR_ROLES - MONEY_ROLES
    return [someone(organisation, {*others, role}) for role in sorted(ADMINISTRATOR_ROLES)]


def someone(organisation: Organisation, roles: set[Role]) -> User:
    user = make_user()
    for role in sorted(roles - {Role.MEMBER}):  # a secretary is a member
        give_role(user, role, organisation)
    assert held_roles(user) == roles
    return user


def in_order(shown: list[list[str]], table: list[str]) -> bool:
    """Whether all entries of a table are shown, to each user in the table's order."""
    return {label for labels in shown for label in labels} == set(table) and all(
        labels == [label for label in table if label in labels] for labels in shown
    )


def test_tasks_stand_in_the_order_of_the_table():
    names = [source.__name__ for _rank, source in tasklist._sources]

    assert [name for name in names if name != "look_up"] == TASKS


def test_no_two_bring_tasks_of_the_same_rank():
    ranks = [rank for rank, _source in tasklist._sources]

    assert len(ranks) == len(set(ranks))


def test_look_ups_stand_in_the_order_of_the_table(people):
    with translation.override("en"):
        tasks = [list_tasks(person, timezone.now()) for person in people]

    assert in_order([[task.label for task in of if task.is_lookup] for of in tasks], LOOKUPS)


def test_the_menu_stands_in_the_order_of_the_table(people):
    shown = []
    for person in people:
        request = RequestFactory().get("/")
        request.user = person
        with translation.override("en"):
            shown.append([link.label for link in navigation(request)["navigation"]()])

    assert in_order(shown, MENU)


@pytest.mark.parametrize(
    ("page", "link", "mark"),
    [
        ("years:overview", "years:overview", "page"),
        ("reports:report", "years:overview", "true"),
        ("reports:statistics", "years:overview", "true"),
        ("reports:layouts", "years:overview", "true"),
        ("quotas:tasks", "quotas:tasks", "page"),
        ("quotas:reconciliations", "quotas:tasks", "true"),
        ("funding:audits", "funding:funds", "true"),
        ("fund_reports:figures", "funding:funds", "true"),
    ],
)
def test_the_menu_marks_the_entry_of_the_page_or_that_it_stands_below(db, page, link, mark):
    office = make_officer(Role.ORGANISATION_DEPARTMENT)
    text = browser_of(office).get(reverse(page)).text
    menu = text[text.index('class="navigation"') :].partition("</nav>")[0]

    marked = re.findall(r'href="([^"]*)" aria-current="([^"]*)"', menu)

    assert marked == [(reverse(link), mark)]


BELOW_AND_TEMPLATES = {*LAYERS.apps, "templates"}


def test_pages_that_lower_apps_lead_to_are_there():
    """Every page name that lower apps and templates use is registered and has a URL."""
    texts = [
        path.read_text(encoding="utf-8")
        for folder in settings.BASE_DIR.iterdir()
        if folder.name in BELOW_AND_TEMPLATES
        for path in folder.rglob("*")
        if path.suffix in {".py", ".html"}
    ]
    asked = {
        name
        for text in texts
        for name in re.findall(r"(?:address_of\(|page_address )[\"'](\w+)[\"']", text)
    }

    assert asked == set(all_pages())
    known = set(names_of(get_resolver()))
    assert set(all_pages().values()) <= known


def names_of(resolver: URLResolver, space: str = ""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"
        else:
            yield from names_of(pattern, f"{pattern.namespace}:" if pattern.namespace else space)


def test_a_page_that_no_app_has_is_an_error():
    with pytest.raises(KeyError):
        address_of("nobody's page")


def test_a_page_of_an_object_is_found_by_its_key():
    assert address_of("roll", 7) == reverse("rolls:roll", args=[7])
    with pytest.raises(NoReverseMatch):
        address_of("roll")
