"""The search of the audit trail, and what an entry says in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from accounts.audit import facts_of, record_act
from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry
from accounts.origin import Actor
from accounts.records import save_record
from accounts.trail import kind_label, list_changes, object_name
from accounts.views import trail
from backstage.models import Job
from config.lib.database_roles import as_owner
from config.lib.paging import PAGE_SIZE
from config.lib.periods import inclusive_period
from config.lib.spreadsheet_reading import read_table
from rolls.actions.attendance import record_attendance
from schools.actions.schools import appoint_officer, merge_schools
from schools.models import School
from tests import factories
from tests.admin_pages import make_officer, signed_in
from tests.factories import DAY, NOON, ClassWorld, acting
from trainees.actions.people import transfer_member
from trainees.models import Membership

pytestmark = pytest.mark.django_db

URL = "/trail/"


@pytest.fixture
def audit():
    browser = signed_in(make_officer(Role.AUDIT_ADMINISTRATOR))
    browser.cookies["language"] = "en"
    return browser


@pytest.fixture
def entries() -> dict[str, AuditEntry]:
    """Acts of two people about a school and a person, an hour and two days apart."""
    school = factories.make_school()
    li, wang = (factories.make_user(display_name=name) for name in ("李小明", "王芳"))
    return {
        "li": record_act(act="add_record", obj=school, by=acting(li), at=NOON),
        "wang": record_act(
            act="change_record", obj=school, by=acting(wang), at=NOON + timedelta(hours=1)
        ),
        "sign_in": record_act(
            act="sign_in", obj=wang, by=acting(wang), at=NOON + timedelta(days=2)
        ),
        "command": record_act(
            act="seed_demo", obj=school, by=Actor(None, ActorChannel.COMMAND), at=NOON
        ),
    }


def listed(audit, entries, **query) -> set[str]:
    page = audit.get(URL, query)
    assert page.status_code == 200
    shown = {line["entry"].pk for line in page.context["lines"]}
    return {name for name, entry in entries.items() if entry.pk in shown}


class TestTheSearch:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, {"li", "wang", "sign_in", "command"}),
            ({"person": "李小明"}, {"li"}),
            ({"person": "小明"}, {"li"}),
            ({"person": "芳"}, {"wang", "sign_in"}),
            ({"person": "赵"}, set()),
            ({"act": "change_record"}, {"wang"}),
            ({"kind": "schools.school"}, {"li", "wang", "command"}),
            ({"object": "杨柳"}, {"li", "wang", "command"}),
            ({"object": "柳青镇"}, {"li", "wang", "command"}),
            ({"object": "青镇"}, set()),  # two characters: the beginning of a name only
            ({"object": "王芳", "act": "sign_in"}, {"sign_in"}),
            ({"from": DAY.isoformat(), "to": DAY.isoformat()}, {"li", "wang", "command"}),
            ({"from": "2026-05-21"}, {"sign_in"}),
            ({"to": "2026-05-19"}, set()),
            ({"channel": "command"}, {"command"}),
            ({"act": "nonsense", "from": "yesterday"}, {"li", "wang", "sign_in", "command"}),
        ],
        ids=lambda value: str(sorted(value)),  # a set has no order, and two workers must agree
    )
    def test_is_by_person_act_object_time_and_way(self, audit, entries, query, names):
        assert listed(audit, entries, **query) == names

    def test_names_what_it_could_not_read(self, audit, entries):
        text = audit.get(URL, {"act": "nonsense", "from": "yesterday"}).text

        assert "Act: “nonsense” could not be read. The list is not narrowed by it." in text
        assert "From: “yesterday” could not be read." in text

    def test_is_by_the_number_of_an_object(self, audit, entries):
        query = {"kind": "schools.school", "object": entries["li"].object_id}

        assert listed(audit, entries, **query) == {"li", "wang", "command"}

    def test_finds_a_person_by_the_name_of_that_day(self, audit, entries):
        entries["li"].actor.display_name = "李晓明"
        entries["li"].actor.save()

        assert listed(audit, entries, person="李小明") == {"li"}
        assert listed(audit, entries, person="晓明") == {"li"}

    def test_shows_a_page_of_the_newest_and_goes_on_below_them(self, audit, entries, monkeypatch):
        monkeypatch.setattr(trail, "PAGE_SIZE", 2)
        query = {"kind": "schools.school"}
        first = audit.get(URL, query)
        second = audit.get(URL, query | {"below": first.context["last"].pk})

        pages = [[line["entry"] for line in page.context["lines"]] for page in (first, second)]
        assert pages == [[entries["wang"], entries["command"]], [entries["li"]]]
        assert second.context["last"] is None
        assert audit.get(URL, {"below": "x"}).context["is_first"]

    def test_keeps_id_numbers_out_of_addresses(self, audit):
        assert audit.get(URL, {"object": "11010519491231002X"}).url == URL

    def test_says_what_to_do_where_nothing_is_found(self, audit):
        assert "No entry fits this search" in audit.get(URL, {"person": "nobody"}).text

    def test_takes_as_many_statements_for_a_full_page_as_for_one(
        self, audit, entries, django_assert_num_queries
    ):
        query = {"kind": "schools.school", "object": "杨柳青镇"}
        audit.get(URL, query)
        school = School.objects.get()
        with django_assert_num_queries(6):
            audit.get(URL, query)
        for _ in range(60):
            record_act(act="add_record", obj=school, by=acting(entries["li"].actor))
        with django_assert_num_queries(6):
            assert len(audit.get(URL, query).context["lines"]) == PAGE_SIZE

    def test_offers_the_kinds_of_this_project_by_their_names(self, audit):
        audit.cookies["language"] = "zh-hans"
        field = audit.get(URL).context["filters"].form.fields["kind"]

        kinds = [label for value, label in field.choices if value]
        assert "街镇党校" in kinds
        assert [label for label in kinds if label.isascii()] == []

    def test_is_one_click_from_home(self, audit):
        assert f'href="{URL}"' in audit.get("/").text

    def test_is_by_the_code_of_an_organisation_or_a_school(self, audit, entries):
        school = School.objects.get()
        branch = factories.make_organisation(school)
        entries["branch"] = record_act(
            act="add_organisation", obj=branch, by=acting(entries["li"].actor)
        )

        assert listed(audit, entries, object=branch.code) == {"branch"}
        assert listed(audit, entries, object=school.code) == {"li", "wang", "command"}

    @pytest.mark.parametrize("acting_in", ["en", "zh-hans"])
    def test_names_objects_in_the_language_of_the_reader(self, audit, acting_in):
        clerk = factories.make_clerk(factories.make_school(), display_name="李芳")
        job = Job.objects.create(kind="trainees.apply_register", asked_at=NOON)
        with translation.override(acting_in):
            grant = clerk.role_grants.get()
            entry = record_act(act="add_record", obj=grant, by=acting(clerk))
            by_nobody = Actor(None, ActorChannel.COMMAND)
            record_act(act="stop_job", obj=job, by=by_nobody)
        assert entry.object_label == "李芳: 街镇党校经办人 · 杨柳青镇党校"

        page = " ".join(audit.get(URL).text.split())
        assert "李芳: school clerk · 杨柳青镇党校" in page
        assert f"Apply a register {job.pk}" in page
        assert "<div>the portal <" in page
        assert "李芳: school clerk · 杨柳青镇党校" in read_trail(audit)[-1]

    def test_a_former_name_in_another_language_is_told_in_the_readers(self):
        grant = factories.make_clerk(factories.make_school(), display_name="李芳").role_grants.get()
        entry = record_act(act="add_record", obj=grant, by=Actor(None, ActorChannel.TASK))
        entry.object_label = "李芳: school clerk · 杨柳青镇党校"

        assert object_name(entry) == str(grant)

    def test_is_exported_with_the_names_of_what_entries_refer_to(
        self, audit, django_assert_max_num_queries
    ):
        by = acting(factories.make_user())
        school = factories.make_school()
        former, other = (factories.make_organisation(school, name) for name in ("一", "二"))
        for _ in range(30):
            member = factories.make_member(former)
            transfer_member(member_id=member.pk, organisation=other, on=DAY, by=by, at=NOON)
        with django_assert_max_num_queries(25):
            rows = read_trail(audit)

        assert len(rows) == 30
        assert all(f"Party organisation: {former} → {other}" in row[10] for row in rows)

    def test_is_exported_with_what_every_entry_tells(self, audit, entries):
        reply = audit.post("/exports/trail/", {"person": "王芳"})

        _, *rows = read_table(reply.content, "a.xlsx").rows[3:]
        assert [row[0] for row in rows] == [entries["sign_in"].pk, entries["wang"].pk]
        assert {row[-1] for row in rows} == {"intact"}


class TestAnEntry:
    def changes(self, entry: AuditEntry) -> dict[str, tuple[str, str]]:
        return {label: (before, after) for label, before, after in list_changes(entry)}

    def test_names_fields_choices_objects_and_periods_in_words(self):
        member = factories.make_member(factories.make_organisation(factories.make_school()))
        membership = Membership.objects.get(member=member)
        membership.membership_status = "lost_contact"
        membership.period = inclusive_period(factories.START, DAY)
        fields = ["membership_status", "period", "organisation"]
        other = factories.make_organisation(School.objects.get(), "第二党支部")
        membership.organisation = other
        save_record(obj=membership, by=acting(factories.make_user()), fields=fields)

        with translation.override("en"):
            changes = self.changes(AuditEntry.objects.get())
        assert changes["Standing"] == ("normal", "lost contact")
        assert changes["Party organisation"][1] == str(other)
        assert changes["Period"][0].startswith("since ")
        assert " to " in changes["Period"][1]

    def test_says_yes_or_no_and_writes_days_as_people_do(self):
        user = factories.make_user()
        entry = record_act(
            act="change_record",
            obj=user,
            by=acting(user),
            before={"is_active": True, "joined_at": NOON, "on": DAY},
            after={"is_active": False, "rows": 3},
        )
        with translation.override("en"):
            changes = self.changes(entry)
        assert changes["Active"] == ("yes", "no")
        assert changes["Created at"] == ("20 May 2026 12:00", "–")
        assert changes["From the day"] == ("Wed 20 May 2026", "–")
        assert changes["Rows"] == ("–", "3")

    def test_writes_hours_without_needless_zeros(self):
        user = factories.make_user()
        entry = record_act(
            act="change_record",
            obj=user,
            by=acting(user),
            before={"hours": "12.50"},
            after={"hours": "44.0000000000000000"},
        )
        with translation.override("en"):
            changes = self.changes(entry)
        assert changes["Credit hours"] == ("12.5", "44")

    def test_names_marks_by_number_and_word(self):
        world = ClassWorld(1)
        record_attendance(
            session_id=world.session.pk,
            marks=world.marks("late"),
            seen={},
            by=world.by,
            at=NOON,
        )
        with translation.override("en"):
            changes = self.changes(AuditEntry.objects.get(act="record_attendance"))
        assert changes["Marks"][1] == f"{world.members[0].number}: late"

    def test_tells_a_transfer_with_names_days_and_choices(self):
        school = factories.make_school()
        former, next_one = (factories.make_organisation(school, name) for name in ("一", "二"))
        member = factories.make_member(former)
        transfer_member(
            member_id=member.pk,
            organisation=next_one,
            on=DAY,
            by=acting(factories.make_user()),
            at=NOON,
        )
        with translation.override("en"):
            changes = self.changes(AuditEntry.objects.get(act="transfer_member"))
        assert changes == {
            "Party organisation": (former.name, next_one.name),
            "Standing": ("normal", "normal"),
            "Period": ("since Tue 1 Jan 2019", "since Wed 20 May 2026"),
        }

    def test_tells_what_an_act_once_kept_by_columns(self):
        """Transfers were once told with all columns of the membership, also of its key."""
        member = factories.make_member(factories.make_organisation(factories.make_school()))
        place = member.memberships.get()
        entry = record_act(
            act="transfer_member",
            obj=member,
            by=acting(factories.make_user()),
            after=facts_of(place, ["id", "member", "organisation", "period"]),
        )
        with translation.override("en"):
            changes = self.changes(entry)
        assert changes["Record number"][1] == str(place.pk)
        assert changes["Member"][1] == member.name
        assert changes["Party organisation"][1] == place.organisation.name
        assert changes["Period"][1].startswith("since ")

    def test_names_what_a_merger_ended_and_joined(self):
        school, into = factories.make_school(), factories.make_school("120111005", "津门湖街道")
        clerk = factories.make_clerk(school, display_name="李芳")
        by = acting(clerk)
        merge_schools(school_id=school.pk, into_id=into.pk, on=DAY, by=by, at=NOON)
        with translation.override("en"):
            changes = self.changes(AuditEntry.objects.get(act="merge_schools"))
        assert changes["Merged into"][1] == into.name
        assert changes["Townships"][1] == "杨柳青镇"
        assert "李芳" in changes["Roles ended"][1]

    def test_who_loses_a_role_or_an_office_by_a_merger_of_schools_is_found_by_name(self):
        school, into = factories.make_school(), factories.make_school("120111005", "津门湖街道")
        by = acting(factories.make_clerk(school, display_name="李芳"))
        office = {"school_id": school.pk, "office": "office", "telephone": ""}
        appoint_officer(**office, name="王强", on=factories.START, by=by, at=NOON)
        merge_schools(school_id=school.pk, into_id=into.pk, on=DAY, by=by, at=NOON)

        for name, act in (("李芳", "end_role"), ("王强", "end_office")):
            entry = AuditEntry.objects.get(act=act, object_label__contains=name)
            with translation.override("en"):
                assert self.changes(entry)["Period"][1].endswith("Tue 19 May 2026")

    def test_of_something_that_is_no_more_is_told_as_it_was_stored(self):
        user = factories.make_user()
        entry = record_act(act="add_record", obj=user, by=acting(user), after={"gone": "x"})
        entry.object_type = "accounts.gone"

        assert kind_label(entry.object_type) == "accounts.gone"
        assert self.changes(entry) == {"Gone": ("–", "x")}

    def test_keeps_markup_as_text(self, audit, entries):
        entry = record_act(
            act="change_record",
            obj=School.objects.get(),
            by=acting(entries["li"].actor),
            after={"signature": "<script>alert(1)</script>"},
        )
        page = audit.get(reverse("accounts:trail_entry", args=[entry.pk])).text

        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


def read_trail(audit) -> list[list]:
    reply = audit.post("/exports/trail/", {})
    return read_table(reply.content, "a.xlsx").rows[4:]


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_was_altered_is_shown_as_broken(audit):
    school = factories.make_school()
    entry = record_in_transaction(school)
    url = reverse("accounts:trail_entry", args=[entry.pk])
    assert "BROKEN" not in audit.get(url).text

    with as_owner() as owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE accounts_auditentry SET object_label = 'x'")

    assert "BROKEN" in audit.get(url).text
    assert "BROKEN" in audit.get(URL, {"object": "x"}).text


def record_in_transaction(school: School) -> AuditEntry:
    with transaction.atomic():
        return record_act(act="add_record", obj=school, by=acting(factories.make_user()))


@pytest.mark.parametrize("asked", [{"to": "9999-12-31"}, {"from": "0001-01-01"}])
def test_a_day_out_of_reach_narrows_nothing(audit, entries, asked):
    assert listed(audit, entries, **asked) == set(entries)
