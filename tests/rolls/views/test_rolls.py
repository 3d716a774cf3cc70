"""The list of sessions, and what the roll page refuses."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.models import Roll
from config.lib.periods import at_local, local_date
from courses.enums import Format
from courses.models import Session
from hours.models import CreditEntry
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return ClassWorld(size=2)


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk, None)


def listed(clerk, **filters) -> list[int]:
    page = clerk.get(reverse("rolls:sessions"), filters).context["page_obj"]
    return [session.pk for session in page]


class TestTheListOfSessions:
    @pytest.fixture
    def unfinished(self, world):
        """A session of last year whose roll nobody submitted."""
        last_year = timezone.now() - timedelta(days=400)
        return factories.make_session(world.training_class, starts_at=last_year)

    @pytest.mark.parametrize("filters", [{}, {"due": "due"}, {"due": "missing"}])
    def test_keeps_unfinished_rolls_in_sight_over_new_year(self, clerk, unfinished, filters):
        assert unfinished.pk in listed(clerk, **filters)

    def test_says_that_another_school_is_not_in_sight(self, clerk, world):
        other = factories.make_school("120111005", "津门湖街道")
        url = reverse("rolls:sessions")
        clerk.cookies["language"] = "en"
        says = "not in your sight. Shown: 杨柳青镇党校"

        assert says in clerk.get(url, {"school": other.pk}).text
        assert says not in clerk.get(url, {"school": world.school.pk}).text

    def test_shows_one_year_where_somebody_asks_for_it(self, clerk, unfinished):
        this_year = str(timezone.localdate().year)

        assert unfinished.pk not in listed(clerk, due="due", year=this_year)

    def test_puts_today_first_then_what_is_due_then_what_comes_next(self, clerk, world):
        day = local_date(timezone.now())
        world.session.delete()
        plan = {"later": 3, "due": -5, "next": 1, "today": 0, "older": -9}
        made = {
            name: factories.make_session(
                world.training_class, starts_at=at_local(day + timedelta(days=offset), 0)
            ).pk
            for name, offset in plan.items()
        }

        # Sessions of the coming or the last year may stand outside the current one.
        shown = [pk for pk in listed(clerk) if pk in made.values()]
        order = [made[name] for name in ("today", "older", "due", "next", "later")]
        assert shown == [pk for pk in order if pk in shown]
        assert shown[:3] == order[:3]


class TestTheRollPage:
    def post(self, clerk, world, **body):
        url = reverse("rolls:roll", args=[world.session.pk])
        return clerk.post(url, {"idempotency_key": str(uuid4()), "act": "save"} | body)

    @pytest.mark.parametrize(
        "body",
        [{"idempotency_key": "no key"}, {"act": "burn"}, {"mark-x": "present"}],
    )
    def test_refuses_a_form_that_arrives_incomplete(self, clerk, world, body):
        assert self.post(clerk, world, **body).status_code == 422
        assert not Attendance.objects.exists()

    def test_refuses_a_mark_that_does_not_exist(self, clerk, world):
        body = {f"mark-{world.members[0].pk}": "perhaps"}

        assert self.post(clerk, world, **body).status_code == 422

    def test_takes_a_class_of_four_hundred(self, clerk, world):
        members = [factories.make_member(world.organisation) for _ in range(400)]
        factories.enrol(world.training_class, *members)
        body = {f"mark-{m.pk}": "present" for m in members}
        body |= {f"seen-{m.pk}": "" for m in members}
        body |= {f"more-{m.pk}": "" for m in members}

        assert self.post(clerk, world, **body).status_code == 302
        assert Attendance.objects.count() == 400

    def test_of_a_draft_leads_from_the_correction_back_to_the_roll(self, clerk, world):
        self.post(clerk, world, **{f"mark-{world.members[0].pk}": "late"})
        mark = Attendance.objects.get()

        response = clerk.get(reverse("rolls:correction", args=[mark.pk]))

        assert response.headers["Location"] == reverse("rolls:roll", args=[world.session.pk])

    def test_keeps_an_id_number_out_of_a_reason(self, clerk, world):
        everyone = {f"mark-{m.pk}": "present" for m in world.members}
        self.post(clerk, world, act="submit", **everyone)
        mark = Attendance.objects.first()
        body = {
            "idempotency_key": str(uuid4()),
            "new_status": "late",
            "seen_version": "1",
            "reason": "11010519491231002X 来晚了",
        }

        response = clerk.post(reverse("rolls:correction", args=[mark.pk]), body)

        assert response.status_code == 422
        assert "reason" in response.context["form"].errors


class TestARollOfASettledYear:
    @pytest.fixture
    def url(self, world):
        day = at_local(date(timezone.localdate().year - 2, 12, 30), 9)
        session = factories.make_session(world.training_class, starts_at=day)
        return reverse("rolls:roll", args=[session.pk])

    def test_says_until_when_it_could_be_taken_and_offers_nothing(self, clerk, url):
        clerk.cookies["language"] = "en"

        page = clerk.get(url).text

        assert "are settled" in page
        assert 'value="submit"' not in page

    def test_refuses_what_was_opened_before(self, clerk, url):
        body = {"idempotency_key": str(uuid4()), "act": "submit"}

        response = clerk.post(url, body)

        assert response.status_code == 422
        assert "已经结清" in response.text


class TestAnIntensiveClass:
    @pytest.fixture(autouse=True)
    def _intensive(self, world):
        world.training_class.format = Format.INTENSIVE
        world.training_class.save()

    @pytest.fixture
    def clerk(self, world):
        return browser_of(world.clerk)

    @pytest.fixture
    def url(self, world):
        return reverse("rolls:roll", args=[world.session.pk])

    def test_is_submitted_without_script_with_deviations_alone(self, world, clerk, url):
        page = clerk.get(url)
        assert "Everyone is expected." in page.text
        assert page.context["counts"][0] == ("", "expected", 2)

        first, second = world.members
        answer = clerk.post(
            url,
            {
                "idempotency_key": uuid4(),
                "act": "submit",
                f"mark-{first.pk}": "",
                f"seen-{first.pk}": "",
                f"mark-{second.pk}": "absent",
                f"seen-{second.pk}": "",
            },
        )

        assert answer.status_code == 302
        statuses = dict(Attendance.objects.values_list("member", "status"))
        assert statuses == {first.pk: "present", second.pk: "absent"}

    def test_shows_what_somebody_else_marked_before_it_is_submitted(self, world, clerk, url):
        first, second = world.members
        Roll.objects.create(session=world.session, state="draft")
        Attendance.objects.create(
            session=world.session,
            member=first,
            organisation=world.organisation,
            status="absent",
            marked_at=timezone.now(),
            marked_by=factories.make_user(display_name="王丽"),
        )
        body = {"act": "submit"} | {
            f"{name}-{member.pk}": "" for name in ("mark", "seen") for member in (first, second)
        }
        answer = clerk.post(url, {"idempotency_key": uuid4()} | body)

        assert answer.status_code == 409
        assert "you say expected, 王丽 said absent" in answer.text
        [row] = [row for row in answer.context["rows"] if row["conflict"]]
        assert (row["chosen"], row["seen"]) == ("absent", "absent")


class TestSubmitting:
    """What the foot of a roll says of a session that begins, or lasts, later than now."""

    def foot(self, clerk, world, begins, lasts) -> str:
        start = timezone.now() + begins
        Session.objects.filter(pk=world.session.pk).update(
            starts_at=start, ends_at=start + lasts, held_on=local_date(start)
        )
        clerk.cookies["language"] = "en"
        page = clerk.get(reverse("rolls:roll", args=[world.session.pk]))
        return page.text.partition('class="roll-foot"')[2]

    def test_is_offered_from_the_begin_of_the_session_on(self, clerk, world):
        foot = self.foot(clerk, world, timedelta(minutes=1), timedelta(hours=2))

        assert 'value="submit"' not in foot
        assert "The session begins at " in foot

    def test_before_the_end_says_that_the_hours_are_posted_in_full(self, clerk, world):
        foot = self.foot(clerk, world, -timedelta(minutes=1), timedelta(hours=2))

        assert 'value="submit"' in foot
        assert "The session lasts until " in foot

    def test_after_the_end_says_nothing_of_it(self, clerk, world):
        foot = self.foot(clerk, world, -timedelta(hours=2), timedelta(hours=1))

        assert 'value="submit"' in foot
        assert "The session" not in foot


class TestTheWays:
    def test_lead_from_the_roll_to_its_class_evidence_and_supervision(self, clerk, world):
        note = factories.make_supervision_note(world.session)
        page = clerk.get(reverse("rolls:roll", args=[world.session.pk])).text

        for name, key in (
            ("classes:training_class", world.training_class.pk),
            ("rolls:session_evidence", world.session.pk),
            ("rolls:session_walk_ins", world.session.pk),
            ("classes:supervision_note", note.pk),
        ):
            assert f'href="{reverse(name, args=[key])}"' in page

    def test_lead_from_the_class_to_each_roll_and_its_evidence(self, clerk, world):
        page = clerk.get(reverse("classes:training_class", args=[world.training_class.pk])).text

        for name in ("roll", "session_evidence", "sign_in_sheet"):
            assert f'href="{reverse(f"rolls:{name}", args=[world.session.pk])}"' in page

    @pytest.mark.parametrize("name", ["session_evidence", "session_walk_ins"])
    def test_lead_from_the_papers_to_roll_and_class(self, clerk, world, name):
        page = clerk.get(reverse(f"rolls:{name}", args=[world.session.pk])).text

        assert f'href="{reverse("rolls:roll", args=[world.session.pk])}"' in page
        address = reverse("classes:training_class", args=[world.training_class.pk])
        assert f'href="{address}"' in page


def test_an_id_number_does_not_stay_in_the_address_of_a_search(clerk):
    response = clerk.get(reverse("years:members"), {"q": "11010519491231002X"})

    assert response.headers["Location"] == reverse("years:members")

    def test_is_taken_back_after_a_look_at_what_that_does(self, clerk, world):
        submit_roll(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=timezone.now(),
        )
        url = reverse("rolls:withdrawal", args=[world.session.pk])
        body = {"reason": "误报", "idempotency_key": str(uuid4())}

        check = clerk.post(url, body)
        assert check.status_code == 200
        assert any("8" in effect for effect in check.context["effects"])
        assert Roll.objects.get().state == "submitted"

        answer = clerk.post(url, body | {"step": "do"})
        assert answer.headers["Location"].endswith("?done=withdrawn")
        assert Roll.objects.get().state == "draft"
        assert CreditEntry.objects.all().sum_hours() == 0


class TestTwoWhoSubmit:
    """The second of two clerks reads what became of their marks."""

    def send(self, world, user, statuses, act="submit"):
        marks = {f"mark-{key}": status for key, status in world.marks(*statuses).items()}
        seen = {f"seen-{member.pk}": "" for member in world.members}
        body = {"idempotency_key": str(uuid4()), "act": act} | marks | seen
        url = reverse("rolls:roll", args=[world.session.pk])
        return browser_of(user).post(url, body, follow=True)

    @pytest.mark.parametrize("act", ["save", "submit"])
    def test_with_the_same_marks_reads_that_all_is_saved(self, world, act):
        other = factories.make_clerk(world.school)
        self.send(world, world.clerk, ["present", "late"])
        page = self.send(world, other, ["present", "late"], act)

        assert page.status_code == 200
        assert "All of your marks are saved" in page.text
        assert "error-summary" not in page.text

    def test_with_other_marks_sees_the_roll_as_it_stands(self, world):
        self.send(world, world.clerk, ["present"])
        page = self.send(world, factories.make_clerk(world.school), ["absent"])

        assert page.status_code in {409, 422}
        assert "Nothing of yours was saved" in page.text
        counts = {value: count for value, _label, count in page.context["counts"]}
        assert (counts["present"], counts["absent"]) == (len(world.members), 0)
