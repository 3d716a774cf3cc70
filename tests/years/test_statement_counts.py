"""What a page costs in statements: few, and as many for one row as for a full page.

Counted is all that goes to the database: session, account, BEGIN and COMMIT included.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from config.lib.paging import PAGE_SIZE
from config.lib.periods import at_local, period, today
from courses.models import Equipment, Venue
from hours.models import CreditEntry, Dispute
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from schools.actions.organisations import move_organisation
from schools.models import School
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from trainees.actions.slips import issue_member_slips
from trainees.models import Member
from years.actions.documents import issue_document
from years.enums import DocumentKind

FULL_PAGE = 50
SIGNING = 2  # the chain reads what an act wrote, and signs it
LARGE_CLASS = 300


def signed_in(user):
    """A browser of `user` in which one page was opened, so that the session has noted it."""
    client = browser_of(user, None)
    assert client.get(reverse("home")).status_code == 200
    return client


def statements(send, *request, status=200):
    """The reply to a request, and the statements that it took."""
    with CaptureQueriesContext(connection) as caught:
        reply = send(*request)
    assert reply.status_code == status
    return reply, [query["sql"] for query in caught.captured_queries]


class Town:
    """A school with a clerk and an officer of the district, whose lists can be made longer."""

    def __init__(self, code="120111101", name="杨柳青镇"):
        self.school = factories.make_school(code, name)
        self.clerk = factories.make_clerk(self.school)
        self.organisation = factories.make_organisation(self.school)

    def add_class(self, size):
        """A class of `size` new members, with a session that began today at midnight."""
        members = [factories.make_member(self.organisation) for _ in range(size)]
        training_class = factories.make_class(self.school)
        factories.enrol(training_class, *members)
        # Over at any hour of the day at which the tests may run.
        midnight = at_local(today(), 0)
        session = factories.make_session(
            training_class, starts_at=midnight, ends_at=midnight + timedelta(seconds=1)
        )
        return session, members

    def submit(self, session, members):
        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present" for member in members},
            seen={},
            by=factories.acting(self.clerk),
            at=at_local(today(), 4),
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["save", "submit"])
def test_a_roll_takes_twelve_statements_and_its_signing_whatever_the_class_size(act):
    town = Town()
    client = signed_in(town.clerk)
    taken = {}
    for size in (1, FULL_PAGE, LARGE_CLASS):
        session, members = town.add_class(size)
        body = {
            **{f"mark-{member.pk}": "present" for member in members},
            **{f"seen-{member.pk}": "" for member in members},
            "act": act,
            "idempotency_key": str(uuid4()),
        }
        url = reverse("rolls:roll", args=[session.pk])

        _, taken[size] = statements(client.post, url, body, status=302)

    assert CreditEntry.objects.count() == (sum(taken) if act == "submit" else 0)
    assert len({len(sent) for sent in taken.values()}) == 1, taken
    assert len(taken[1]) <= 12 + SIGNING, taken[1]
    assert (taken[1].count("BEGIN"), taken[1].count("COMMIT")) == (1, 1), taken[1]


@pytest.mark.django_db(transaction=True)
def test_marks_of_a_device_take_as_many_statements_for_three_hundred_as_for_one():
    town = Town()
    client = signed_in(town.clerk)
    taken = {}
    for size in (1, LARGE_CLASS):
        session, members = town.add_class(size)
        marks = [
            {
                "id": str(uuid4()),
                "member": member.pk,
                "status": "present",
                "seen": "",
                "made_at": "2026-05-20T01:00:00Z",
            }
            for member in members
        ]
        url = reverse("rolls:receive_marks", args=[session.pk])
        args = (url, {"person": town.clerk.pk, "marks": marks}, "application/json")

        _, first = statements(client.post, *args)
        _, again = statements(client.post, *args)
        taken[size] = len(first), len(again)
    assert len(set(taken.values())) == 1, taken
    assert taken[1] == (13 + SIGNING, 9), taken


@pytest.mark.django_db
def test_a_roll_opens_with_as_many_statements_for_three_hundred_as_for_one():
    town = Town()
    client = signed_in(town.clerk)
    taken = {}
    for size in (1, FULL_PAGE, LARGE_CLASS):
        session, members = town.add_class(size)
        url = reverse("rolls:roll", args=[session.pk])

        reply, before = statements(client.get, url)
        town.submit(session, members)
        _, after = statements(client.get, url)

        assert len(reply.context["rows"]) == size
        taken[size] = len(before), len(after)
    assert len(set(taken.values())) == 1, taken


@pytest.mark.django_db
def test_a_members_own_page_takes_three_statements_whatever_its_length():
    town = Town()
    session, [member] = town.add_class(1)
    member.user = factories.make_user()
    member.save()
    client = signed_in(member.user)
    url = reverse("years:my_hours")

    _, empty = statements(client.get, url)
    town.submit(session, [member])
    _, short = statements(client.get, url)
    for _ in range(20):
        another, others = town.add_class(1)
        factories.enrol(another.training_class, member)
        town.submit(another, [*others, member])
    reply, long = statements(client.get, url)

    assert len(reply.context["my"].lines) == 21
    assert len(empty) == len(short) == len(long), (empty, short, long)
    assert len(long) == 3, long


@pytest.mark.django_db
def test_the_own_page_takes_four_statements_with_what_stands_apart():
    town = Town()
    session, [member] = town.add_class(1)
    member.user = factories.make_user()
    member.save()
    town.submit(session, [member])
    client = signed_in(member.user)
    for _ in range(20):
        another, others = town.add_class(1)
        factories.enrol(another.training_class, member)
        town.submit(another, [*others, member])
        factories.make_dispute(Attendance.objects.get(session=another, member=member))
        yesterday = at_local(today() - timedelta(days=1), 9)
        if yesterday.year == today().year:
            factories.make_session(another.training_class, starts_at=yesterday)

    reply, sent = statements(client.get, reverse("years:my_hours"))

    assert len(reply.context["my"].pending_items.disputes) == 20
    assert len(sent) == 4, sent


@pytest.mark.django_db
def test_disputes_take_as_many_statements_for_three_hundred_as_for_one():
    town = Town()
    client = signed_in(town.clerk)
    taken = {}
    for length in (1, FULL_PAGE, LARGE_CLASS):
        session, members = town.add_class(length - Dispute.objects.count())
        town.submit(session, members)
        for mark in Attendance.objects.filter(session=session):
            dispute = factories.make_dispute(mark)
        reply, listed = statements(client.get, reverse("years:disputes"))
        assert reply.context["page_obj"].paginator.count == length
        _, shown = statements(client.get, reverse("years:dispute", args=[dispute.pk]))
        _, home = statements(client.get, reverse("home"))
        taken[length] = len(listed), len(shown), len(home)
    assert len(set(taken.values())) == 1, taken


LISTS = (
    "rolls:sessions",
    *(f"years:{name}" for name in ("classes", "attendances", "attendees", "entries", "members")),
)


def narrow(town):
    """Every filter that all the lists of the town have in common."""
    return {
        "school": town.school.pk,
        "organisation": town.organisation.code,
        "part": f"m{today().month}",
        "audience": "ordinary",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["clerk", "district"])
def test_a_list_takes_as_many_statements_for_three_hundred_rows_as_for_one(role):
    town = Town()
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    person = {"clerk": town.clerk, "district": officer}[role]
    taken = {}
    for length in (1, FULL_PAGE, LARGE_CLASS):
        for _ in range(length - Member.objects.count()):
            town.submit(*town.add_class(1))
        taken[length] = {}
        client = signed_in(person)  # anew: a minute later a page notes that somebody is there
        for name in LISTS:
            for narrowed in ({}, narrow(town)):
                reply, sent = statements(client.get, reverse(name), narrowed)
                assert reply.context["page_obj"].paginator.count == length, name
                taken[length][name, bool(narrowed)] = len(sent)
    assert taken[1] == taken[FULL_PAGE] == taken[LARGE_CLASS]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.SCHOOL_CLERK, Role.ORGANISATION_DEPARTMENT])
def test_accounts_and_slips_take_as_many_statements_for_three_hundred_as_for_one(role):
    town = Town()
    user = factories.make_user()
    factories.give_role(user, role, town.organisation)
    client = signed_in(user)
    taken = {}
    for length in (1, FULL_PAGE, LARGE_CLASS):
        for _ in range(length - Member.objects.count()):
            factories.make_member(town.organisation)
        ids = list(Member.objects.values_list("pk", flat=True))
        filters = {"school": town.school.pk, "organisation": town.organisation.pk}
        reply, listed = statements(client.get, reverse("trainees:slips"), filters)
        assert reply.context["page_obj"].paginator.count == length
        body = {"member": ids}
        reply, checked = statements(client.post, reverse("trainees:check_slips"), body)
        assert len(reply.context["chosen"]) == length
        _, home = statements(client.get, reverse("home"))
        taken[length] = len(listed), len(checked), len(home)
    assert len(set(taken.values())) == 1, taken


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["secretary", "commissioner", "clerk"])
def test_study_records_take_as_many_statements_for_three_hundred_as_for_one(role):
    world = factories.StudyWorld(size=1)
    client = signed_in(getattr(world, role))
    yesterday = today() - timedelta(days=1)
    first = world.submit(
        world.record(held_on=yesterday, at=at_local(yesterday, 21)), at=at_local(yesterday, 22)
    )
    taken = {}
    for length in (1, FULL_PAGE, LARGE_CLASS):
        for number in range(Study.objects.count(), length):
            copy = Study.objects.get(pk=first.pk)
            copy.pk, copy.starts_at = None, (datetime.min + timedelta(minutes=number)).time()
            copy.save()
            copy.participants.create(member=world.members[0], organisation=world.organisation)
            copy.submissions.create(
                round=1, submitted_at=at_local(yesterday, 22), submitted_by=world.secretary
            )
        listed, sent = statements(client.get, reverse("studies:studies"))
        assert listed.context["page_obj"].paginator.count == length
        _, queue = statements(client.get, reverse("studies:studies"), {"progress": "review"})
        _, home = statements(client.get, reverse("home"))
        taken[length] = len(sent), len(queue), len(home)
    assert taken[FULL_PAGE] == taken[LARGE_CLASS], taken
    # An empty queue has no page to read.
    assert taken[1][0] == taken[FULL_PAGE][0]


@pytest.mark.django_db
def test_a_study_record_takes_as_many_statements_for_three_hundred_participants_as_for_one():
    taken = {}
    for size in (1, LARGE_CLASS - 1):
        world = factories.StudyWorld(size=size, school=f"12011110{size % 7}")
        client = {name: signed_in(getattr(world, name)) for name in ("secretary", "commissioner")}
        yesterday = today() - timedelta(days=1)
        study = world.record(held_on=yesterday, at=at_local(yesterday, 21))
        form = reverse("studies:record_study", args=[world.organisation.pk])
        _, filled = statements(client["secretary"].get, form)
        world.submit(study, at=at_local(yesterday, 22))
        url = reverse("studies:study", args=[study.pk])
        page, reviewed = statements(client["commissioner"].get, url)
        assert len(page.context["page"].participants) == size
        taken[size] = len(filled), len(reviewed)
    assert len(set(taken.values())) == 1, taken


@pytest.mark.django_db
def test_a_batch_and_its_sheets_take_as_many_statements_for_three_hundred_as_for_one():
    town = Town()
    client = signed_in(town.clerk)
    taken = {}
    for length in (1, FULL_PAGE, LARGE_CLASS):
        members = [factories.make_member(town.organisation) for _ in range(length)]
        key = uuid4()
        issue_member_slips(
            member_ids=[member.pk for member in members],
            key=key,
            by=factories.acting(town.clerk),
            at=timezone.now(),
        )
        reply, batch = statements(client.get, reverse("trainees:slip_batch", args=[key]))
        assert len(reply.context["codes"]) == length
        _, sheets = statements(client.get, reverse("trainees:slip_sheets", args=[key]))
        taken[length] = len(batch), len(sheets)
    assert len(set(taken.values())) == 1, taken


@pytest.mark.django_db
def test_a_register_card_takes_as_many_statements_however_long_its_history():
    town = Town()
    client = signed_in(town.clerk)
    member = factories.make_member(town.organisation)
    url = reverse("trainees:member", args=[member.pk])
    _, short = statements(client.get, url)
    for year in range(2000, 2019):
        days = period(date(year, 1, 1), date(year + 1, 1, 1))
        member.memberships.create(organisation=town.organisation, period=days)
        member.posts.create(organisation=town.organisation, kind="secretary", period=days)
        member.exemptions.create(category="frail", period=days)

    _, long = statements(client.get, url)

    assert len(short) == len(long)


@pytest.mark.django_db
def test_documents_and_looks_take_as_many_statements_for_a_full_page_as_for_one():
    town = Town()
    session, [member] = town.add_class(1)
    town.submit(session, [member])
    member.user = factories.make_user()
    member.save()
    clerk, member_browser = signed_in(town.clerk), signed_in(member.user)
    secretary = factories.make_user()
    factories.give_role(secretary, Role.BRANCH_SECRETARY, town.organisation)
    secretarys = signed_in(secretary)
    url = reverse("years:member_documents", args=[member.pk])
    taken = {}
    for length in (1, PAGE_SIZE):
        for _ in range(length - member.documents.count()):
            issue_document(
                member_id=member.pk,
                kind=DocumentKind.CERTIFICATE,
                year=today().year,
                check_address="https://xuetang.example/check/",
                by=factories.acting(town.clerk),
                at=timezone.now(),
            )
            factories.make_member(town.organisation)
        listed, sent = statements(clerk.get, url)
        assert len(listed.context["page_obj"]) == length
        looked, log_queries = statements(member_browser.get, reverse("years:my_access_log"))
        assert len(looked.context["accesses"]) >= length
        _, served_queries = statements(secretarys.get, reverse("years:served_members"))
        taken[length] = len(sent), len(log_queries), len(served_queries)
    assert taken[1] == taken[PAGE_SIZE]


def person_times(page):
    cells = (cell for line in page.context["table"].lines for cell in line.cells)
    return [cell.value for cell in cells if cell.figure.key == "person_times"]


@pytest.mark.django_db
def test_the_overview_takes_as_many_statements_for_eleven_schools_as_for_two():
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    client = signed_in(officer)
    taken = {}
    for length in (2, 11):
        for number in range(School.objects.count(), length):
            town = Town(f"1201111{number:02}", f"第{number}镇")
            town.submit(*town.add_class(1))
        reply, sent = statements(client.get, reverse("years:overview"))
        assert person_times(reply) == [1] * length
        below, below_sent = statements(client.get, reverse("years:overview_organisations"))
        assert person_times(below) == [1] * length
        taken[length] = len(sent), len(below_sent)
    assert taken[2] == taken[11]


@pytest.mark.django_db
def test_the_tree_takes_as_many_statements_for_three_hundred_organisations_as_for_one():
    town = Town()
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    client = signed_in(officer)
    general = factories.make_below(
        town.organisation.placements.get().parent, "general_branch", school=town.school
    )
    taken = {}
    for length in (1, FULL_PAGE, LARGE_CLASS):
        for _ in range(length - general.placements_below.count()):
            branch = factories.make_below(general)
            factories.make_leader(branch)
        page, sent = statements(client.get, reverse("trainees:organisation", args=[general.pk]))
        assert len(page.context["rows"]) == min(length, PAGE_SIZE)
        found_queries, searched = statements(
            client.get, reverse("trainees:organisations"), {"name": "第一"}
        )
        assert found_queries.context["page_obj"].paginator.count >= length
        taken[length] = len(sent), len(searched)
    assert taken[1] == taken[FULL_PAGE] == taken[LARGE_CLASS]


@pytest.mark.django_db
def test_a_move_takes_as_many_statements_for_three_hundred_below_as_for_one():
    town, other = Town(), Town("120111005", "津门湖街道")
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    top = factories.make_top()
    target = factories.make_below(top, "committee", school=other.school)
    taken = {}
    for length in (1, LARGE_CLASS):
        general = factories.make_below(top, "general_branch", school=town.school)
        for _ in range(length):
            factories.make_below(general)
        with CaptureQueriesContext(connection) as caught:
            moved = move_organisation(
                organisation_id=general.pk,
                parent_id=target.pk,
                on=today(),
                by=factories.acting(officer),
                at=timezone.now(),
            )
        assert len(moved.strangers) == length + 1
        taken[length] = len(caught)
    assert taken[1] == taken[LARGE_CLASS]


@pytest.mark.django_db
def test_schools_take_as_many_statements_for_eleven_as_for_two():
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    client = signed_in(officer)
    taken = {}
    for length in (2, 11):
        for number in range(School.objects.count(), length):
            town = Town(f"1201111{number:02}", f"第{number}镇")
            liaison = factories.make_user()
            factories.grant(liaison, Role.LIAISON_OFFICER, town.school)
            for n in range(length):
                make_venue(town.school, f"第{n}教室")
        _, listed = statements(client.get, reverse("schools:schools"))
        _, shown = statements(client.get, reverse("courses:school", args=[town.school.pk]))
        taken[length] = len(listed), len(shown)
    assert taken[2] == taken[11]


def make_venue(school, name):
    venue = Venue.objects.create(school=school, name=name, capacity=30, period=school.period)
    Equipment.objects.create(venue=venue, kind="flag", count=1)
    return venue
