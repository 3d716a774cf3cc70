"""A class in the browser, without script: planned, filled, changed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.actions.enrolments import enrol_members
from classes.models import Enrolment, WaitingListEntry
from classes.views import rosters
from config.lib.dates import format_clock
from config.lib.periods import at_local, inclusive_period, local_date, today
from courses.models import Course, Equipment, Session, TrainingClass, Venue
from courses.records import save_venue
from dispatch.models import BookingLetter
from instructors.models import Instructor, LecturerLeave
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld
from tests.evidence import hold, study
from trainees.models import Member, Membership

pytestmark = pytest.mark.django_db


class World:
    """A school with a hall, a course, and a class of two places next week; four members."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.members = [factories.make_member(self.branch) for _ in range(4)]
        self.clerk = factories.make_clerk(self.school)
        self.day = today() + timedelta(days=7)
        self.training_class = factories.make_class(self.school)
        self.session = factories.make_session(self.training_class, starts_at=at_local(self.day, 9))
        TrainingClass.objects.update(capacity=2)
        self.hall, self.course = Venue.objects.get(), Course.objects.get()

    def url(self, name: str, *args: int) -> str:
        return reverse(f"classes:{name}", args=[self.training_class.pk, *args])


@pytest.fixture
def world():
    return World()


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


def sent(**fields):
    return {"idempotency_key": str(uuid4()), **fields}


class TestPlanning:
    def form(self, world, **changes):
        fields = {
            "school": world.school.pk,
            "preset": "evening",
            "title": "冬季夜校",
            "audience": "ordinary",
            "course": world.course.pk,
            "first_day": (world.day + timedelta(days=1)).isoformat(),
            "mode": "on_site",
            "venue": world.hall.pk,
        }
        return sent(**fields | changes)

    def test_says_on_a_new_site_who_adds_courses(self, world):
        new = browser_of(factories.make_clerk(factories.make_school("120111005", "津门湖街道")))
        address, said = reverse("classes:plan_class"), "No course is recorded yet"
        assert said not in new.get(address).text
        for model in (Session, TrainingClass, Course):
            model.objects.all().delete()

        assert said in new.get(address).text

    def test_leads_to_the_choice_of_trainees(self, world, clerk):
        page = clerk.post(reverse("classes:plan_class"), self.form(world), follow=True)

        made = TrainingClass.objects.get(title="冬季夜校")
        assert page.redirect_chain[-1][0] == reverse("classes:class_roster", args=[made.pk])
        assert made.sessions.count() == 2
        assert "Next, choose its trainees" in page.text
        assert page.context["filters"].value("audience") == "ordinary"

    @pytest.mark.parametrize("has_account", [True, False])
    def test_asks_to_call_a_lecturer_whom_no_message_reaches(self, world, clerk, has_account):
        account = {"user": factories.make_user()} if has_account else {}
        lecturer = factories.make_lecturer(world.school, **account)

        page = clerk.post(
            reverse("classes:plan_class"), self.form(world, instructor=lecturer.pk), follow=True
        )

        assert ("赵敏 has no account" in page.text) is not has_account

    def test_says_why_a_lecturer_on_leave_is_refused(self, world, clerk):
        lecturer = factories.make_lecturer(world.school)
        factories.make_letter(lecturer)
        on = world.day + timedelta(days=1)
        LecturerLeave.objects.create(
            instructor=lecturer, kind="duty", period=inclusive_period(on, on)
        )

        page = clerk.post(reverse("classes:plan_class"), self.form(world, instructor=lecturer.pk))

        assert page.status_code == 422
        assert "Is on leave" in page.context["form"].errors["instructor"][0]

    def test_begins_the_choice_with_the_organisation_that_was_named(self, world, clerk):
        other = factories.make_organisation(world.school)
        factories.make_member(other)
        form = self.form(world, organisation=world.branch.code)

        page = clerk.post(reverse("classes:plan_class"), form, follow=True)

        assert page.context["organisation"].chosen == world.branch
        offered = [row.member_id for row in page.context["page_obj"]]
        assert set(offered) <= {member.pk for member in world.members}
        assert offered

    def test_wants_one_organisation_named(self, world, clerk):
        for text, words in (("9999", "No organisation"), ("支部", "or the code of one")):
            if text == "支部":
                factories.make_organisation(world.school)
            form = self.form(world, organisation=text)

            page = clerk.post(reverse("classes:plan_class"), form)

            assert words in page.context["form"].errors["organisation"][0]

    def test_takes_more_courses_and_another_time(self, world, clerk):
        second = Course.objects.create(
            code="c2", title="党务实务", module=world.course.module, strand="practice", hours=2
        )
        form = self.form(world, course_3=second.pk, begins_at="19:00")

        clerk.post(reverse("classes:plan_class"), form)

        held = TrainingClass.objects.get(title="冬季夜校").sessions.order_by("number")
        assert [session.course for session in held] == [world.course, second]
        assert {format_clock(session.starts_at) for session in held} == {"19:00"}

    def test_says_at_the_course_that_there_are_more_than_sessions(self, world, clerk):
        more = {f"course_{number}": world.course.pk for number in (2, 3)}

        page = clerk.post(reverse("classes:plan_class"), self.form(world, **more))

        assert "This format has 2 sessions" in page.context["form"].errors["course"][0]
        # Folded away at first, they are open once one of them was chosen.
        assert '<details class="folded" open>' in page.text
        assert '<details class="folded">' in clerk.get(reverse("classes:plan_class")).text

    def test_says_with_each_format_when_it_begins(self, world, clerk):
        form = clerk.get(reverse("classes:plan_class")).context["form"]

        labels = [label for _key, label in form.fields["preset"].choices]
        assert labels[1] == "4-hour pack in half a day: 4 credit hours, from 08:30"

    def test_offers_venues_with_what_one_chooses_them_by(self, world, clerk):
        world.hall.address = "柳口路8号"
        world.hall.save()
        Equipment.objects.create(venue=world.hall, kind="projector", count=1)

        form = clerk.get(reverse("classes:plan_class")).context["form"]

        labels = [label for _key, label in form.fields["venue"].choices]
        assert labels[1:] == ["党群服务中心 · 300 人 · 柳口路8号 · 投影"]

    def test_calls_things_as_their_changes_do(self, world, clerk):
        planned = clerk.get(reverse("classes:plan_class")).context["form"].fields
        changes = clerk.get(world.url("change_class")).context["form"].fields
        session = reverse("classes:change_session", args=[world.session.pk])
        changes = changes | clerk.get(session).context["form"].fields

        both = planned.keys() & changes.keys()
        assert {"title", "mode", "programme", "capacity", "venue", "instructor"} <= both
        assert {str(planned[name].label) for name in both} == {
            str(changes[name].label) for name in both
        }

    def test_sent_twice_plans_one_class(self, world, clerk):
        form = self.form(world)
        first, second = (clerk.post(reverse("classes:plan_class"), form) for _ in range(2))

        assert first.url == second.url
        assert TrainingClass.objects.filter(title="冬季夜校").count() == 1

    def test_says_at_the_venue_what_takes_it_and_keeps_what_was_typed(self, world, clerk):
        form = self.form(world, preset="pack", first_day=world.day.isoformat())

        page = clerk.post(reverse("classes:plan_class"), form)

        assert page.status_code == 422
        assert "taken by" in page.context["form"].errors["venue"][0]
        assert "冬季夜校" in page.text

    def test_takes_no_venue_of_another_school(self, world, clerk):
        other = factories.make_school("120111005", "津门湖街道")
        factories.make_session(factories.make_class(other), starts_at=at_local(world.day, 9))
        venue = Venue.objects.get(school=other)

        page = clerk.post(reverse("classes:plan_class"), self.form(world, venue=venue.pk))

        assert page.status_code == 422
        assert "venue" in page.context["form"].errors

    def test_by_the_district_asks_for_the_school(self, world, client):
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)
        factories.make_school("120111005", "津门湖街道")
        client.force_login(officer, "accounts.backends.PhoneOrNumberBackend")

        page = client.post(reverse("classes:plan_class"), self.form(world, school=""))

        assert page.context["form"].errors["school"]


class TestTheRoster:
    def test_is_offered_the_audience_as_far_as_it_is_short(self, world, clerk):
        world.course.hours = Decimal(8)
        done = world.members[0]
        for month in range(1, 6):
            day = date(today().year - (today().month < 6), month, 3)
            study(world.branch, done, on=day, school=world.school, minutes=480)
        factories.make_leader(world.branch)

        page = clerk.get(world.url("class_roster"))

        offered = {row.member_id for row in page.context["page_obj"]}
        assert {member.pk for member in world.members[1:]} <= offered
        everybody = clerk.get(world.url("class_roster"), {"outcome": "", "audience": ""})
        assert len(everybody.context["page_obj"]) == len(offered) + 1 + (done.pk not in offered)

    def test_shows_the_hours_of_concentrated_training_apart(self, world, clerk):
        day = date(today().year, 1, 2)
        hold(factories.make_class(world.school), {world.members[1]: "present"}, on=day)

        page = clerk.get(world.url("class_roster"), {"outcome": "", "audience": ""})

        cells = re.findall(r'data-label="Concentrated training"><div>(.+?)</div>', page.text)
        assert sorted(cells) == ["0", "0", "0", "4"]

    def test_takes_who_is_ticked_and_lets_the_rest_wait(self, world, clerk):
        keys = [member.pk for member in world.members[:3]]

        page = clerk.post(world.url("class_roster"), sent(act="chosen", member=keys), follow=True)

        assert "2 members are enrolled. 1 waits for a place" in page.text
        assert Enrolment.objects.count() == 2
        assert WaitingListEntry.objects.get().member == world.members[2]

    def test_takes_all_that_the_filter_finds(self, world, clerk):
        TrainingClass.objects.update(capacity=None)
        name = world.members[1].name

        url = f"{world.url('class_roster')}?q={world.members[1].number}"
        check = clerk.post(url, sent(act="all"))
        assert "1 member is enrolled." in check.text
        assert not Enrolment.objects.exists()

        form = check.context["form"].data | {"step": "do"}
        assert clerk.post(url, form).url.endswith("#roster")

        assert [enrolment.member.name for enrolment in Enrolment.objects.all()] == [name]

    def test_says_so_where_more_are_found_than_one_form_takes(self, world, clerk, monkeypatch):
        monkeypatch.setattr(rosters, "MOST_AT_ONCE", 3)
        url = f"{world.url('class_roster')}?audience=&outcome="
        n = len(clerk.get(url).context["page_obj"].paginator.object_list)
        label = f"Enrol the first 3 of {n} found"
        assert label in clerk.get(url).text

        check = clerk.post(url, sent(act="all"))
        assert label in check.text
        assert "2 members are enrolled." in check.text
        assert f"{n} were found; at most 3 are enrolled at a time." in check.text

        page = clerk.post(url, check.context["form"].data | {"step": "do"}, follow=True)
        text = "2 members are enrolled. 1 waits for a place: the class is full. 4 were found"
        assert text in page.text

        # The same button takes the next.
        check = clerk.post(url, sent(act="all"))
        clerk.post(url, check.context["form"].data | {"step": "do"})
        assert Enrolment.objects.count() + WaitingListEntry.objects.count() == n

    def test_wants_somebody_ticked(self, world, clerk):
        page = clerk.post(world.url("class_roster"), sent(act="chosen"))

        assert page.status_code == 422
        assert "Tick at least one member" in page.text

    def test_takes_a_guest_by_number_and_says_where_a_number_is_nobodys(self, world, clerk):
        other = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        guest = factories.make_member(other)

        wide = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
        typed = {"number": guest.number.translate(wide), "name": f" {guest.name}"}
        clerk.post(world.url("enrol_guest"), sent(**typed))
        refused = clerk.post(world.url("enrol_guest"), sent(number="999", name=guest.name))

        look = AuditEntry.objects.get(act="look_up_guest")
        assert (look.actor, look.object_id) == (world.clerk, str(guest.pk))
        assert Enrolment.objects.get().member == guest
        assert refused.status_code == 422
        # In the summary above, and at the field.
        assert refused.text.count("Number and name fit no member together") == 2
        assert "<title>Error: " in refused.text
        other = factories.make_member(other, "欧阳远方")
        unnamed = clerk.post(world.url("enrol_guest"), sent(number=other.number))
        misnamed = clerk.post(world.url("enrol_guest"), sent(number=other.number, name="王无"))
        assert [unnamed.status_code, misnamed.status_code] == [422, 422]
        assert other.name not in unnamed.text + misnamed.text
        assert clerk.get(world.url("enrol_guest")).url == world.url("training_class") + "#roster"

    def test_says_so_where_nobody_is_added(self, world, clerk):
        keys = [world.members[0].pk]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))

        page = clerk.post(world.url("class_roster"), sent(act="chosen", member=keys), follow=True)

        assert "Nobody is added to the roster. 1 was on the roster" in page.text

    def test_says_that_ticks_count_on_one_page(self, world, clerk):
        said = "Ticks count on this page only"
        assert said not in clerk.get(world.url("class_roster")).text
        for _ in range(50):
            factories.make_member(world.branch)

        assert said in clerk.get(world.url("class_roster")).text

    def test_gives_a_place_to_who_waits_when_somebody_leaves(self, world, clerk):
        keys = [member.pk for member in world.members[:3]]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))
        url = world.url("withdraw_member", world.members[0].pk)

        check = clerk.post(url, sent(reason="住院", step="check"))
        assert "first on the waiting list, gets the place" in check.text
        assert WaitingListEntry.objects.exists()

        clerk.post(url, sent(reason="住院", step="do"))
        page = clerk.get(world.url("training_class"))
        assert [row.member for row, _before in page.context["page"].roster] == world.members[1:3]
        assert not WaitingListEntry.objects.exists()

        late = clerk.post(url, sent(reason="出差", step="do"))
        assert late.status_code == 422
        assert "not on the roster any more" in late.text
        assert late.context["form"]["reason"].value() == "出差"

    def test_shows_who_left_and_came_back_once(self, world, clerk):
        factories.make_session(world.training_class, starts_at=at_local(world.day, 14))
        third = at_local(world.day + timedelta(days=1), 9)
        factories.make_session(world.training_class, starts_at=third)
        first, other = world.members[:2]
        factories.enrol(world.training_class, first, other)
        Enrolment.objects.filter(member=first).update(sessions=NumericRange(1, 2))
        Enrolment.objects.filter(member=other).update(sessions=NumericRange(1, 1))
        branch = world.branch
        Enrolment.objects.create(
            training_class=world.training_class,
            member=first,
            organisation=branch,
            sessions=NumericRange(3, None),
        )

        page = clerk.get(world.url("training_class")).context["page"]

        assert [(row.member, before) for row, before in page.roster] == [(first, "1")]
        assert [row.member for row in page.withdrawn] == [other]

    def test_lets_somebody_off_the_waiting_list(self, world, clerk):
        keys = [member.pk for member in world.members[:3]]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))
        url = world.url("leave_waiting_list", world.members[2].pk)

        page = clerk.get(url)
        assert world.branch.name in page.text
        assert f"…{world.members[2].number[-4:]}" in page.text
        assert WaitingListEntry.objects.exists()

        assert clerk.post(url).status_code == 422
        body = sent()
        assert clerk.post(url, body).status_code == 302
        assert clerk.post(url, body).status_code == 302
        assert clerk.post(url, sent()).status_code == 409
        assert clerk.get(url).status_code == 302
        assert not WaitingListEntry.objects.exists()

    def test_tells_namesakes_apart_on_the_waiting_list_and_as_monitors(self, world, clerk):
        keys = [member.pk for member in world.members]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))

        waits = clerk.get(world.url("training_class")).text.partition('id="waiting"')[2]
        monitors = " ".join(clerk.get(world.url("class_order")).text.split())

        number = WaitingListEntry.objects.first().member.number
        assert f"…{number[-4:]}" in waits
        assert world.branch.name in waits
        first = world.members[0]
        assert f"{first.name} · {world.branch.name} · …{first.number[-4:]} </option>" in monitors


class TestAClassWhoseLastSessionRuns:
    """Its roster stays; its order, its notices and its waiting list are still of use."""

    @pytest.fixture(autouse=True)
    def _running(self, world, clerk):
        keys = [member.pk for member in world.members]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))

    def links(self, world, clerk, minutes):
        """Which of the page's acts are offered while the session ends in so many minutes."""
        ends_at = timezone.now() + timedelta(minutes=minutes)
        starts_at = ends_at - timedelta(minutes=5)
        Session.objects.update(starts_at=starts_at, ends_at=ends_at, held_on=local_date(starts_at))
        page = clerk.get(world.url("training_class")).text
        acts = {
            "order": world.url("class_order"),
            "notice": world.url("post_notice"),
            "line": world.url("leave_waiting_list", world.members[2].pk),
            "choose": world.url("class_roster"),
            "withdraw": world.url("withdraw_member", world.members[0].pk),
            "add": world.url("enrol_guest"),
        }
        return {name for name, url in acts.items() if f'"{url}"' in page}

    def test_keeps_them(self, world, clerk):
        assert self.links(world, clerk, 4) == {"order", "notice", "line"}

    def test_is_over_once_it_has_ended(self, world, clerk):
        assert self.links(world, clerk, 0) == set()

    def test_offers_everything_before(self, world, clerk):
        assert len(self.links(world, clerk, 65)) == 6


class TestChanging:
    def test_more_places_let_in_who_waits(self, world, clerk):
        keys = [member.pk for member in world.members]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))
        url = world.url("change_class")
        form = clerk.get(url).context["form"]
        data = {
            "title": "基层治理研讨班",
            "mode": "on_site",
            "capacity": 3,
            "seen": form["seen"].value(),
        }

        page = clerk.post(url, data, follow=True)

        assert page.text.count("gets the place") == 1
        world.training_class.refresh_from_db()
        assert (world.training_class.title, world.training_class.capacity) == ("基层治理研讨班", 3)
        assert Enrolment.objects.count() == 3
        assert WaitingListEntry.objects.get().member == world.members[3]

    def test_more_places_pass_over_and_name_who_belongs_to_no_organisation(self, world, clerk):
        keys = [member.pk for member in world.members]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))
        Membership.objects.filter(member=world.members[2]).delete()
        Member.objects.filter(pk=world.members[2].pk).update(name="欧阳无")
        url = world.url("change_class")
        form = clerk.get(url).context["form"]
        data = {"title": "班", "mode": "on_site", "capacity": 3, "seen": form["seen"].value()}

        page = clerk.post(url, data, follow=True)

        assert "欧阳无 waits on: a member of no Party organisation" in page.text
        assert WaitingListEntry.objects.get().member == world.members[2]

    def test_fewer_places_than_are_taken_are_refused_at_the_field(self, world, clerk):
        keys = [member.pk for member in world.members[:2]]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))
        url = world.url("change_class")
        form = clerk.get(url).context["form"]
        data = {"title": "班", "mode": "on_site", "capacity": 1, "seen": form["seen"].value()}

        page = clerk.post(url, data)

        assert page.status_code == 422
        assert page.context["form"].errors["capacity"]
        world.training_class.refresh_from_db()
        assert world.training_class.capacity == 2

    def test_a_session_moves_to_another_time_and_place(self, world, clerk):
        TrainingClass.objects.update(mode="outreach")
        url = reverse("classes:change_session", args=[world.session.pk])
        form = clerk.get(url).context["form"]
        later = self.typed(world, form, hour=14, venue="", place="村民活动室")

        assert clerk.post(url, later).status_code == 302
        world.session.refresh_from_db()
        assert (world.session.starts_at, world.session.where) == (
            at_local(world.day, 14),
            "村民活动室",
        )

    def test_a_session_asks_for_what_the_set_up_asks_for_at_the_same_fields(self, world, clerk):
        url = reverse("classes:change_session", args=[world.session.pk])
        room = Venue.objects.create(
            school=world.school, name="小教室", capacity=1, period=world.hall.period
        )
        far = f"{today().year + 2}-03-01T"
        for changes, field, words in (
            ({"venue": ""}, "venue", "Choose the venue: this class meets on site."),
            ({"place": "村口"}, "place", "Either a venue or another place, not both."),
            ({"venue": room.pk}, "venue", "小教室 holds 1; the class has 2 places."),
            (
                {"starts_at": f"{far}09:00", "ends_at": f"{far}12:00"},
                "starts_at",
                "Classes are planned for this year and the next.",
            ),
            ({"hours": "999"}, "hours", "A session is worth 24 credit hours at most"),
            ({"hours": "4.25"}, "hours_reason", "usually worth 4 credit hours"),
        ):
            form = clerk.get(url).context["form"]
            page = clerk.post(url, self.typed(world, form, hour=14, **changes))

            assert page.status_code == 422
            assert words in page.context["form"].errors[field][0]

    def test_a_session_says_which_other_takes_its_venue_or_lecturer(self, world, clerk):
        lecturer = Instructor.objects.create(name="王", corps="professional", employer="区委党校")
        other = factories.make_class(world.school, "青年夜校")
        factories.make_session(
            other, starts_at=at_local(world.day, 14), venue=world.hall, instructor=lecturer
        )
        room = Venue.objects.create(
            school=world.school, name="小教室", capacity=30, period=world.hall.period
        )
        url = reverse("classes:change_session", args=[world.session.pk])
        form = clerk.get(url).context["form"]

        taken = clerk.post(url, self.typed(world, form, hour=14))
        busy = clerk.post(
            url, self.typed(world, form, hour=14, venue=room.pk, instructor=lecturer.pk)
        )

        assert "taken by “青年夜校”" in taken.context["form"].errors["venue"][0]
        assert "14:00 to 17:00" in taken.context["form"].errors["venue"][0]
        assert "teaches “青年夜校”" in busy.context["form"].errors["instructor"][0]

    def test_a_class_takes_no_more_than_its_venue_and_meets_on_site_in_one(self, world, clerk):
        url = world.url("change_class")
        form = clerk.get(url).context["form"]
        data = {"title": "班", "mode": "on_site", "capacity": 301, "seen": form["seen"].value()}
        page = clerk.post(url, data)
        assert "党群服务中心 holds 300" in page.context["form"].errors["capacity"][0]

        TrainingClass.objects.update(mode="outreach")
        Session.objects.update(venue=None, place="村口")
        form = clerk.get(url).context["form"]
        data |= {"capacity": 2, "seen": form["seen"].value()}
        page = clerk.post(url, data)
        assert "Session 1 has no venue (村口)" in page.context["form"].errors["mode"][0]

    def test_a_larger_venue_lets_in_who_waits(self, world, clerk):
        TrainingClass.objects.update(capacity=None)
        Venue.objects.update(capacity=2)
        keys = [member.pk for member in world.members]
        clerk.post(world.url("class_roster"), sent(act="chosen", member=keys))
        hall = Venue.objects.create(
            school=world.school, name="礼堂", capacity=3, period=world.hall.period
        )
        url = reverse("classes:change_session", args=[world.session.pk])
        form = clerk.get(url).context["form"]

        page = clerk.post(url, self.typed(world, form, hour=9, venue=hall.pk), follow=True)

        assert page.text.count("gets the place") == 1
        assert Enrolment.objects.get(phone_pocket=3).member == world.members[2]
        assert WaitingListEntry.objects.get().member == world.members[3]

        form = clerk.get(url).context["form"]
        back = clerk.post(url, self.typed(world, form, hour=9))
        assert "More members are on the roster" in back.context["form"].errors["venue"][0]

    def test_a_venue_that_holds_more_lets_in_who_waits(self, world):
        TrainingClass.objects.update(capacity=None)
        Venue.objects.update(capacity=2)
        by, now = factories.acting(world.clerk), timezone.now()
        keys = [member.pk for member in world.members]
        enrol_members(training_class_id=world.training_class.pk, member_ids=keys, by=by, at=now)
        hall = Venue.objects.get()
        hall.capacity = 4

        save_venue(obj=hall, equipment={}, by=by, at=now, fields=["capacity"])

        assert Enrolment.objects.count() == 4
        assert not WaitingListEntry.objects.exists()

    def typed(self, world, form, *, hour, **changes):
        day = world.day.isoformat()
        return {
            "course": world.course.pk,
            "instructor": "",
            "venue": world.hall.pk,
            "place": "",
            "starts_at": f"{day}T{hour}:00",
            "ends_at": f"{day}T{hour + 3}:00",
            "hours": "4",
            "seen": form["seen"].value(),
        } | changes


class TestOfABookingLetter:
    """A class says from which letter it is, and whose answer a session waits for."""

    def show(self, booked: BookingWorld, letter: BookingLetter) -> str:
        address = reverse("classes:training_class", args=[letter.training_class_id])
        return browser_of(booked.clerk, "en").get(address).content.decode()

    def test_leads_to_its_letter_and_waits_for_nobody_who_accepted(self):
        booked = BookingWorld()
        letter = booked.confirm()

        page = self.show(booked, letter)

        assert reverse("dispatch:letter", args=[letter.pk]) in page
        assert "has not answered yet" not in page

    def test_says_whose_answer_it_waits_for(self):
        booked = BookingWorld()
        letter = booked.confirm()
        booked.engage(letter, booked.make_lecturer("孙立"), is_urgent=True)

        assert "孙立 has not answered yet" in self.show(booked, letter)

    def test_does_not_name_whom_the_desk_has_only_drafted(self):
        booked = BookingWorld()
        letter = booked.confirm()
        booked.engage(letter, booked.make_lecturer("孙立"))

        page = self.show(booked, letter)

        assert "the district looks for another lecturer" in page
        assert "孙立" not in page

    def test_costs_the_same_for_one_session_and_for_several(self):
        booked, counts = BookingWorld(), []
        letter = booked.confirm()
        session = Session.objects.get()
        for number in (1, 8):
            for place in range(1, number):
                moment = session.starts_at + timedelta(days=place)
                factories.make_engagement(
                    letter,
                    factories.make_lecturer(booked.school, f"讲师{place}"),
                    number=place + 1,
                    starts_at=moment,
                    session=factories.make_session(letter.training_class, starts_at=moment),
                )
            self.show(booked, letter)
            with CaptureQueriesContext(connection) as statements:
                self.show(booked, letter)
            counts.append(len(statements))

        assert counts[0] == counts[1]
