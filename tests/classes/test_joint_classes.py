"""Joint classes: a school that joins one enrols its own members and sees them alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import RecordError
from backstage.models import Message
from classes.actions.calling_off import call_off_session, change_session
from classes.actions.enrolments import enrol_members, leave_waiting_list, withdraw_member
from classes.actions.guests import Guest
from classes.errors import RosterError
from classes.models import Enrolment
from config.lib.filters import ListRequest
from config.lib.periods import at_local
from courses.actions import ClassPlan, plan_class
from courses.enums import Mode, Preset
from courses.errors import CoursesError
from courses.filters import mix_filters
from courses.joint_actions import set_joining_schools
from courses.models import JoiningSchool, Session, TrainingClass
from courses.queries.mix import list_mixes
from courses.queries.year_plans import list_plan_lines
from hours.models import CreditEntry
from rolls.actions.attendance import record_attendance, submit_roll
from rolls.queries.rolls import list_sessions
from schools.actions.schools import merge_schools
from schools.enums import Audience
from tests import factories
from tests.admin_pages import signed_in
from tests.factories import acting
from tests.refusals import refused

pytestmark = pytest.mark.django_db
BEFORE = at_local(date(2026, 11, 24), 10)
FIRST = date(2026, 12, 1)
AFTER = at_local(FIRST, 20)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class JointWorld:
    """A class of one school that another joins; each has a clerk and two members."""

    def __init__(self) -> None:
        self.host = factories.make_school("120111101", "杨柳青镇")
        self.guest = factories.make_school("120111005", "津门湖街道")
        self.clerk = factories.make_clerk(self.host)
        self.guest_clerk = factories.make_clerk(self.guest)
        organisation = factories.make_organisation(self.host)
        self.guest_organisation = factories.make_organisation(self.guest, "湖畔党支部")
        self.members = [factories.make_member(organisation, f"主办{n}") for n in "甲乙"]
        self.guests = [factories.make_member(self.guest_organisation, f"客{n}") for n in "甲乙"]
        self.training_class = factories.make_class(self.host)
        self.session = factories.make_session(self.training_class, starts_at=at_local(FIRST, 9))
        factories.enrol(self.training_class, *self.members)
        self.join(self.guest)

    def join(self, *schools) -> bool:
        return set_joining_schools(
            training_class=self.training_class, schools=schools, by=acting(self.clerk), at=BEFORE
        )

    def enrol(self, *members, by=None, guests=()):
        return enrol_members(
            training_class_id=self.training_class.pk,
            member_ids=[member.pk for member in members],
            guests=guests,
            by=acting(by or self.guest_clerk),
            at=BEFORE,
        )

    def browser(self, user=None) -> Client:
        client = signed_in(user or self.guest_clerk)
        client.cookies["language"] = "en"
        return client

    def url(self, name="training_class", *args) -> str:
        return reverse(f"classes:{name}", args=[self.training_class.pk, *args])

    def submit(self) -> None:
        marks = {row.member_id: "present" for row in Enrolment.objects.all()}
        submit_roll(
            session_id=self.session.pk, marks=marks, seen={}, by=acting(self.clerk), at=AFTER
        )


@pytest.fixture
def joint() -> JointWorld:
    return JointWorld()


class TestSharing:
    def test_stands_in_the_trail_and_tells_the_school_that_joins(self, joint):
        entry = AuditEntry.objects.get(act="set_joining_schools")
        assert (entry.before, entry.after) == (
            {"joint_schools": []},
            {"joint_schools": [joint.guest.name]},
        )
        told = Message.objects.get(kind="joint_class")
        assert (told.recipient, told.address) == (joint.guest_clerk, joint.url())

    def test_the_same_schools_again_change_nothing(self, joint):
        assert joint.join(joint.guest) is False
        assert AuditEntry.objects.filter(act="set_joining_schools").count() == 1

    def test_no_school_joins_its_own_class(self, joint):
        with refused(RecordError, "does not join it") as caught:
            joint.join(joint.host)
        assert caught.value.field == "joint_schools"

    def test_the_database_refuses_it_too(self, joint):
        with refused(IntegrityError, "does not join it"):
            JoiningSchool.objects.create(training_class=joint.training_class, school=joint.host)
        with refused(IntegrityError, "does not join it"):
            TrainingClass.objects.update(school=joint.guest)

    def test_a_school_without_trainees_leaves(self, joint):
        assert joint.join() is True
        assert not joint.training_class.joining_schools.exists()

    def test_a_school_with_trainees_stays(self, joint):
        joint.enrol(joint.guests[0])
        with refused(RecordError, "Trainees of .* on the roster or the waiting list: 1"):
            joint.join()

    def test_a_school_whose_members_wait_stays(self, joint):
        TrainingClass.objects.update(capacity=2)
        joint.enrol(joint.guests[0])
        with refused(RecordError, "waiting list: 1"):
            joint.join()

    def test_is_for_those_who_plan_the_class(self, joint):
        for user in (joint.guest_clerk, factories.make_user()):
            with refused(PermissionDenied):
                set_joining_schools(
                    training_class=joint.training_class, schools=[], by=acting(user), at=BEFORE
                )

    def test_stays_once_the_last_session_has_begun(self, joint):
        with refused(RecordError, "has begun"):
            set_joining_schools(
                training_class=joint.training_class, schools=[], by=acting(joint.clerk), at=AFTER
            )

    def test_a_class_is_planned_for_several_schools(self, joint):
        made = plan_class(plan=self.plan(joint), by=acting(joint.clerk), at=BEFORE)

        assert [row.school for row in made.joining_schools.all()] == [joint.guest]

    def test_a_plan_that_names_its_own_school_is_refused(self, joint):
        with refused(CoursesError, "does not join it") as caught:
            plan_class(plan=self.plan(joint, joint.host), by=acting(joint.clerk), at=BEFORE)
        assert caught.value.field == "joint_schools"

    @staticmethod
    def plan(joint, school=None) -> ClassPlan:
        return ClassPlan(
            school=joint.host,
            preset=Preset.PACK,
            title="联合办班",
            audience=Audience.ORDINARY,
            mode=Mode.OUTREACH,
            courses=[joint.session.course],
            first_day=date(2026, 12, 8),
            place="村民广场",
            joint_schools=[school or joint.guest],
        )


class TestRoster:
    def test_a_clerk_of_a_school_that_joins_enrols_its_members_at_once(self, joint):
        done = joint.enrol(*joint.guests)

        assert done.placed == joint.guests
        rows = Enrolment.objects.filter(member__in=joint.guests)
        assert {row.organisation for row in rows} == {joint.guest_organisation}

    def test_nobody_of_another_school(self, joint):
        with refused(RosterError, "not of your school"):
            joint.enrol(joint.members[0])

    def test_a_clerk_who_serves_a_third_school_enrols_none_of_its_members(self, joint):
        third = factories.make_school("120111006", "王稳庄镇")
        factories.grant(joint.guest_clerk, Role.SCHOOL_CLERK, third)
        member = factories.make_member(factories.make_organisation(third, "三"))

        with refused(RosterError, "not of your school"):
            joint.enrol(member)

    def test_nobody_by_number_and_name(self, joint):
        member = joint.members[0]
        with refused(PermissionDenied):
            joint.enrol(guests=[Guest(member.number, member.name)])

    def test_all_share_the_places(self, joint):
        TrainingClass.objects.update(capacity=3)

        done = joint.enrol(*joint.guests)

        assert (done.placed, done.waiting) == (joint.guests[:1], joint.guests[1:])

    def test_its_own_trainees_are_taken_off_by_it(self, joint):
        joint.enrol(joint.guests[0])

        withdraw_member(
            training_class_id=joint.training_class.pk, member_id=joint.guests[0].pk,
            reason="值班", by=acting(joint.guest_clerk), at=BEFORE,
        )  # fmt: skip

        assert not Enrolment.objects.lasting().filter(member=joint.guests[0]).exists()

    def test_trainees_of_others_are_not(self, joint):
        for act, more in ((withdraw_member, {"reason": "值班"}), (leave_waiting_list, {})):
            with refused(RosterError):
                act(
                    training_class_id=joint.training_class.pk, member_id=joint.members[0].pk,
                    by=acting(joint.guest_clerk), at=BEFORE, **more,
                )  # fmt: skip

    def test_who_also_reads_at_the_host_enrols_for_the_school_that_joins(self, joint):
        factories.grant(joint.guest_clerk, Role.LIAISON_OFFICER, joint.host)

        assert joint.enrol(joint.guests[0]).placed == joint.guests[:1]
        with refused(RosterError, "not of your school"):
            joint.enrol(joint.members[0])
        later = timezone.now() + timedelta(days=3)
        Session.objects.update(
            starts_at=later, ends_at=later + timedelta(hours=1), held_on=timezone.localdate(later)
        )
        page = joint.browser().get(joint.url())
        roster = joint.browser().get(joint.url("class_roster"), {"outcome": "", "audience": ""})
        assert joint.url("class_roster") in page.text
        names = {row.name for row in roster.context["page_obj"]}
        assert names == {member.name for member in joint.guests}

    def test_a_leader_of_a_school_that_joins_changes_nothing(self, joint):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, joint.guest)
        with refused(PermissionDenied):
            joint.enrol(joint.guests[0], by=leader)

    def test_a_school_that_does_not_join_finds_no_such_class(self, joint):
        joint.join()
        with refused(TrainingClass.DoesNotExist):
            joint.enrol(joint.guests[0])

    def test_the_class_is_changed_and_its_roll_taken_by_the_host_alone(self, joint):
        by = {"by": acting(joint.guest_clerk), "at": BEFORE}
        with refused(Session.DoesNotExist):
            call_off_session(session_id=joint.session.pk, reason="暴雪", **by)
        with refused(Session.DoesNotExist):
            record_attendance(session_id=joint.session.pk, marks={}, seen={}, by=by["by"], at=AFTER)

    def test_hours_go_to_each_members_own_organisation(self, joint):
        joint.enrol(*joint.guests)
        joint.submit()

        entries = CreditEntry.objects.filter(member__in=joint.guests)
        assert {(row.hours, row.organisation) for row in entries} == {
            (Decimal(4), joint.guest_organisation)
        }
        # The school of an entry is the one that taught, whoever is taught.
        assert {row.school for row in entries} == {joint.host}


class TestNotices:
    def test_a_school_that_joins_hears_of_a_move_and_of_the_end(self, joint):
        session = Session.objects.get()
        session.starts_at += timedelta(hours=1)
        session.ends_at += timedelta(hours=1)
        change_session(
            obj=session, fields=["starts_at", "ends_at"], school_code=joint.host.code,
            by=acting(joint.clerk), at=BEFORE + timedelta(hours=1),
        )  # fmt: skip
        call_off_session(
            session_id=session.pk, reason="暴雪", by=acting(joint.clerk),
            at=BEFORE + timedelta(hours=2),
        )  # fmt: skip

        told = Message.objects.filter(kind="joint_class", recipient=joint.guest_clerk)
        texts = [row.facts["text"] for row in told.order_by("written_at")]
        assert texts[0] == ""
        assert "10:00" in texts[1]
        assert "暴雪" in texts[2]


class TestPages:
    def test_the_class_stands_in_the_list_of_sessions_without_a_roll_to_take(self, joint):
        (row,) = list_sessions(joint.guest_clerk, BEFORE)
        assert (row.is_guest, row.may_take) == (True, False)

        page = joint.browser().get(reverse("rolls:sessions"), {"year": "2026"}).content.decode()
        assert joint.training_class.title in page
        assert reverse("rolls:roll", args=[joint.session.pk]) not in page

    def test_its_roll_is_asked_of_nobody_at_the_school_that_joins(self, joint):
        start = timezone.now() - timedelta(days=2)
        Session.objects.update(
            starts_at=start, ends_at=start + timedelta(hours=1),
            held_on=timezone.localtime(start).date(),
        )  # fmt: skip
        client = joint.browser()

        for due, n in (("missing", 0), ("due", 0), ("overdue", 0), ("", 1)):
            listed = client.get(reverse("rolls:sessions"), {"due": due, "year": start.year})
            assert len(listed.context["page_obj"].object_list) == n, due

    def test_the_page_names_its_own_trainees_alone(self, joint):
        joint.enrol(joint.guests[0])

        page = joint.browser().get(joint.url()).content.decode()

        assert joint.guests[0].name in page
        assert joint.members[0].name not in page
        assert "Trainees of other schools: 2." in page

    def test_marks_stand_there_once_the_roll_is_submitted(self, joint):
        joint.enrol(joint.guests[0])
        client = joint.browser()
        assert "Attendance of your trainees" not in client.get(joint.url()).content.decode()

        joint.submit()

        page = client.get(joint.url()).content.decode()
        assert "Attendance of your trainees" in page
        assert joint.members[0].name not in page

    def test_trainees_are_chosen_among_its_members(self, joint):
        Session.objects.update(
            starts_at=timezone.now() + timedelta(days=3),
            ends_at=timezone.now() + timedelta(days=3, hours=1),
            held_on=timezone.localdate(timezone.now() + timedelta(days=3)),
        )
        url = joint.url("class_roster")
        reply = joint.browser().get(url, {"outcome": "", "audience": ""})

        names = {row.name for row in reply.context["page_obj"]}
        assert names == {member.name for member in joint.guests}
        done = joint.browser().post(
            f"{url}?outcome=&audience=",
            {
                "act": "chosen",
                "member": str(joint.guests[1].pk),
                "idempotency_key": reply.context["form"]["idempotency_key"].value(),
            },
        )
        assert done.status_code == 302
        assert Enrolment.objects.filter(member=joint.guests[1]).exists()

    def test_pages_of_the_class_and_the_rolls_stay_with_the_host(self, joint):
        joint.enrol(joint.guests[0])
        client, other = joint.browser(), joint.members[0].pk

        for name in ("change_class", "call_off_class", "class_order", "post_notice",
                     "joining_schools", "enrol_guest"):  # fmt: skip
            assert client.get(joint.url(name)).status_code == 404, name
        for name in ("roll", "door", "session_evidence", "sign_in_sheet", "session_walk_ins"):
            url = reverse(f"rolls:{name}", args=[joint.session.pk])
            assert client.get(url).status_code == 404, name
        # Of somebody else's trainee it shows nothing.
        assert client.get(joint.url("withdraw_member", other)).status_code == 302
        assert client.get(joint.url("withdraw_member", joint.guests[0].pk)).status_code == 200
        assert client.get(joint.url("class_materials")).status_code == 200

    def test_who_gets_a_place_is_not_named_to_another_school(self, joint):
        TrainingClass.objects.update(capacity=3)
        Session.objects.update(
            starts_at=timezone.now() + timedelta(days=3),
            ends_at=timezone.now() + timedelta(days=3, hours=1),
            held_on=timezone.localdate(timezone.now() + timedelta(days=3)),
        )
        joint.enrol(joint.guests[0])
        waiting = factories.make_member(
            Enrolment.objects.get(member=joint.members[0]).organisation, "候补者"
        )
        joint.enrol(waiting, by=joint.clerk)
        client, url = joint.browser(), joint.url("withdraw_member", joint.guests[0].pk)
        key = client.get(url).context["form"]["idempotency_key"].value()

        shown = client.post(url, {"reason": "值班", "idempotency_key": key, "step": "check"})

        assert waiting.name not in shown.content.decode()

    def test_the_host_sees_who_shares_it_and_changes_that_on_a_page(self, joint):
        client = joint.browser(joint.clerk)
        Session.objects.update(
            starts_at=timezone.now() + timedelta(days=3),
            ends_at=timezone.now() + timedelta(days=3, hours=1),
            held_on=timezone.localdate(timezone.now() + timedelta(days=3)),
        )
        assert joint.guest.name in client.get(joint.url()).content.decode()
        url = joint.url("joining_schools")
        form = client.get(url).context["form"]
        assert form.initial["joint_schools"] == [joint.guest.pk]
        assert joint.host not in form.fields["joint_schools"].queryset

        reply = client.post(url, {"idempotency_key": form["idempotency_key"].value()})

        assert reply.status_code == 302
        assert not joint.training_class.joining_schools.exists()

    def test_a_refusal_stands_at_the_field(self, joint):
        joint.enrol(joint.guests[0])
        client, url = joint.browser(joint.clerk), joint.url("joining_schools")
        key = client.get(url).context["form"]["idempotency_key"].value()

        reply = client.post(url, {"idempotency_key": key})

        assert reply.status_code == 422
        assert list(reply.context["form"].errors) == ["joint_schools"]

    @pytest.mark.parametrize("page", ["class", "sessions"])
    def test_statements_do_not_grow_with_trainees(self, joint, page):
        url = joint.url() if page == "class" else reverse("rolls:sessions")
        client = joint.browser()
        joint.enrol(joint.guests[0])
        client.get(url)
        counts = []
        for members in ((), [factories.make_member(joint.guest_organisation) for _ in range(9)]):
            if members:
                joint.enrol(*members)
            with CaptureQueriesContext(
                connection,
            ) as done:
                client.get(url)
            counts.append(len(done))

        assert counts[0] == counts[1]


class TestMix:
    def mixes(self, user, **query):
        asked = ListRequest(user, {"year": "2026", **query}, AFTER)
        return next(
            mix for mix in list_mixes(asked, mix_filters(asked))
            if mix.module.code == "governance"
        )  # fmt: skip

    def hours(self, gauges):
        return tuple(gauge.whole for gauge in gauges)

    def test_it_is_delivered_once_to_the_district_and_to_each_school(self, joint):
        joint.submit()
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)

        mix = self.mixes(officer)

        assert (mix.planned.whole, mix.delivered.whole) == (4, 4)
        assert {key: self.hours(gauges) for key, gauges in mix.by_school.items()} == {
            joint.host.pk: (0, 4, 4),
            joint.guest.pk: (0, 4, 4),
        }
        assert {key: self.hours(gauges) for key, gauges in mix.by_audience.items()} == {
            "ordinary": (0, 4, 4)
        }
        for school in (joint.host, joint.guest):
            assert self.mixes(officer, school=str(school.pk)).delivered.whole == 4

    def test_the_school_that_joins_reads_it_in_its_own_mix(self, joint):
        assert self.mixes(joint.guest_clerk).planned.whole == 4
        joint.join()
        assert self.mixes(joint.guest_clerk).planned.whole == 0

    def test_it_teaches_the_line_of_the_plan_of_each(self, joint):
        for school in (joint.host, joint.guest):
            school.planned_courses.create(
                year=2026, month=12, course=joint.session.course, audience="ordinary"
            )
            (line,) = list_plan_lines(school, 2026)
            assert line.sessions == 1


class TestMerging:
    def merge(self, school, into):
        merge_schools(
            school_id=school.pk, into_id=into.pk, on=date(2026, 11, 27),
            by=acting(factories.make_department_officer()), at=BEFORE,
        )  # fmt: skip

    def test_the_school_that_remains_joins_in_place_of_the_one_that_goes(self, joint):
        remaining = factories.make_school("120111006", "王稳庄镇")

        self.merge(joint.guest, remaining)

        assert [row.school for row in joint.training_class.joining_schools.all()] == [remaining]
        entry = AuditEntry.objects.filter(act="set_joining_schools").latest("pk")
        assert entry.after == {"joint_schools": [remaining.name]}

    def test_merged_into_the_host_nobody_joins(self, joint):
        self.merge(joint.guest, joint.host)

        assert not joint.training_class.joining_schools.exists()

    def test_the_host_merged_into_the_school_that_joins_nobody_does(self, joint):
        self.merge(joint.host, joint.guest)

        joint.training_class.refresh_from_db()
        assert joint.training_class.school == joint.guest
        assert not joint.training_class.joining_schools.exists()

    def test_a_class_that_has_begun_stays_and_the_successor_goes_on(self, joint):
        early = factories.make_session(
            joint.training_class, starts_at=at_local(date(2026, 11, 20), 9)
        )
        Session.objects.filter(pk=joint.session.pk).update(number=9)
        Session.objects.filter(pk=early.pk).update(number=1)
        Session.objects.filter(pk=joint.session.pk).update(number=2)
        remaining = factories.make_school("120111006", "王稳庄镇")
        clerk = factories.make_clerk(remaining)

        self.merge(joint.guest, remaining)

        assert [row.school for row in joint.training_class.joining_schools.all()] == [joint.guest]
        done = enrol_members(
            training_class_id=joint.training_class.pk, member_ids=[joint.guests[0].pk],
            by=acting(clerk), at=at_local(date(2026, 11, 28), 9),
        )  # fmt: skip
        assert done.placed == [joint.guests[0]]
