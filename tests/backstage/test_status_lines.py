"""What the status page says, line by line: how it stands, and what to do."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from backstage import status_lines
from backstage.enums import JobState, RunOutcome
from backstage.files_folder import FolderState, mark_folder
from backstage.models import Delivery, Job, Message
from backstage.operations import BACKUP, BEAT, WORKER, record_run
from backstage.relay import relay_notices
from backstage.status import Health, StatusLine, list_status
from backstage.status_lines import clock_line, room_line
from backstage.trail_feed import feed_trail
from tests import factories
from tests.admin_pages import make_officer
from tests.backstage.test_operations import make_run
from tests.backstage.test_trail_feed import write_entries
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db
GIB = 1024**3


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def line(label: str) -> StatusLine:
    [found] = [one for one in list_status(timezone.now()) if one.label == label]
    return found


def test_every_line_that_is_not_well_says_what_to_do():
    for one in list_status(timezone.now()):
        assert one.health in {Health.WELL, Health.OFF} or one.advice, one


def test_the_lines_stand_in_their_order():
    assert [one.label for one in list_status(timezone.now())] == [
        "Version",
        "Database",
        "Clock",
        "Broker",
        "Workers",
        "Beat",
        "Jobs",
        "Files folder",
        "Room for files",
        "Room for temporary files",
        "Last backup",
        "Last restore drill",
        "Last ledger check",
        "Feed of the trail",
        "Announcing messages",
    ]


@pytest.mark.parametrize(
    ("drift", "health"),
    [(0, "WELL"), (1.9, "WELL"), (-2.1, "WATCH"), (29, "WATCH"), (31, "WRONG"), (-400, "WRONG")],
)
def test_clocks_may_be_apart_by_two_seconds(drift, health):
    assert clock_line(drift).health == Health[health]


def test_the_clock_of_this_machine_is_compared_with_the_databases(monkeypatch):
    monkeypatch.setattr(status_lines.time, "time", lambda: 0.0)

    assert line("Clock").health == Health.WRONG


@pytest.mark.parametrize(
    ("free", "health"), [(9 * GIB, "WELL"), (3 * GIB, "WATCH"), (GIB // 2, "WRONG")]
)
def test_room_on_a_disk(monkeypatch, tmp_path, free, health):
    usage = SimpleNamespace(free=free, total=20 * GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)

    assert room_line("Room", tmp_path / "to" / "be" / "made").health == Health[health]
    assert room_line("Room", tmp_path).seen.endswith("20.0\xa0GB")


class TestWorkersAndBeat:
    def test_none_is_wrong(self):
        assert line("Workers").health == line("Beat").health == Health.WRONG
        assert "worker first" in line("Beat").advice

    def test_both_are_named(self):
        record_run(WORKER, started_at=timezone.now(), outcome=RunOutcome.OK, detail="celery@a (7)")
        record_run(BEAT, started_at=timezone.now(), outcome=RunOutcome.OK)

        assert line("Workers").seen == "1 at work: celery@a (7)"
        assert line("Workers").health == line("Beat").health == Health.WELL

    def test_beat_that_is_silent_beside_a_worker_is_wrong(self):
        make_run(WORKER, timedelta(seconds=30), detail="a")
        make_run(BEAT, timedelta(minutes=10, seconds=30))

        assert line("Beat").health == Health.WRONG
        assert line("Beat").seen == "Last tick 10 minutes ago"
        assert "Start Celery beat" in line("Beat").advice


class TestJobs:
    def test_none_is_well(self):
        assert (line("Jobs").health, line("Jobs").seen) == (
            Health.WELL,
            "0 waiting, 0 running, 0 failed within 7 days",
        )

    def test_a_failed_one_is_to_be_read(self):
        now = timezone.now()
        Job.objects.create(kind="x", asked_at=now, ended_at=now, state=JobState.FAILED)

        assert line("Jobs").health == Health.WATCH
        assert line("Jobs").url.endswith("?state__exact=failed")

    @pytest.mark.parametrize(("minutes", "health"), [(14, "WELL"), (16, "WRONG")])
    def test_one_that_has_waited_long_waits_for_nobody(self, minutes, health):
        asked_at = timezone.now() - timedelta(minutes=minutes)
        Job.objects.create(kind="x", asked_at=asked_at)

        assert line("Jobs").health == Health[health]


class TestTheFilesFolder:
    def test_is_right_once_it_has_its_mark(self):
        assert line("Files folder").health == Health.WATCH
        mark_folder()
        assert line("Files folder").health == Health.WELL

    def test_is_wrong_if_another_is_mounted(self, settings):
        mark_folder()
        shutil.rmtree(settings.MEDIA_ROOT)
        Path(settings.MEDIA_ROOT).mkdir()

        assert line("Files folder").health == Health.WRONG
        assert "mark_files_folder" in line("Files folder").advice

    @pytest.mark.parametrize("state", FolderState)
    def test_has_words_for_every_state(self, monkeypatch, state):
        monkeypatch.setattr(status_lines, "look_at_folder", lambda: state)

        assert line("Files folder").seen


class TestTheLastBackup:
    def test_is_wrong_if_there_is_none(self):
        assert line("Last backup").health == Health.WRONG

    @pytest.mark.parametrize(("hours", "health"), [(25, "WELL"), (27, "WRONG")])
    def test_is_due_every_night(self, hours, health):
        make_run(BACKUP, timedelta(hours=hours))

        assert line("Last backup").health == Health[health]

    def test_that_failed_is_wrong_beside_a_good_one(self):
        make_run(BACKUP, timedelta(hours=20))
        make_run(BACKUP, timedelta(hours=1), outcome=RunOutcome.FAILED)

        assert line("Last backup").health == Health.WRONG
        assert line("Last backup").seen.endswith("failed.")


class TestTheFeedOfTheTrail:
    def test_is_not_in_use_unless_it_is_set(self):
        assert line("Feed of the trail").health == Health.OFF

    def test_is_well_while_it_keeps_up_and_wrong_when_it_does_not(self, settings, tmp_path):
        settings.TRAIL_FEED = str(tmp_path / "trail.log")
        write_entries()
        feed_trail(at=timezone.now())
        assert line("Feed of the trail").health == Health.WELL

        long_ago = timezone.now() - timedelta(minutes=6)
        write_entries()
        feed_trail(at=long_ago)
        write_entries(2)
        assert line("Feed of the trail").health == Health.WRONG
        assert line("Feed of the trail").seen.startswith("2 entries wait; last sent ")


class TestAnnouncingMessages:
    @pytest.fixture
    def delivery(self):
        message = Message.objects.create(
            recipient=factories.make_user(),
            kind="of no app",
            address="/",
            once="1",
            written_at=timezone.now(),
        )
        return Delivery.objects.create(message=message, channel="email", due_at=timezone.now())

    def test_is_not_in_use_without_a_channel(self, settings):
        settings.MAILERS = {}
        assert line("Announcing messages").health == Health.OFF

    def test_is_well_while_they_leave(self, delivery):
        assert line("Announcing messages").health == Health.WELL
        relay_notices(clock=timezone.now)
        assert line("Announcing messages").seen.startswith("0 waiting")

    @pytest.mark.parametrize(
        ("values", "health"),
        [
            ({"state": "failed"}, Health.WATCH),
            ({"state": "given_up", "tried_at": timedelta(days=-6)}, Health.WRONG),
            ({"state": "given_up", "tried_at": timedelta(days=-8)}, Health.WELL),
            ({"due_at": timedelta(minutes=-6)}, Health.WRONG),
        ],
    )
    def test_shows_what_fails_and_what_waits_in_vain(self, delivery, values, health):
        now = timezone.now()
        moved = {
            name: now + value if isinstance(value, timedelta) else value
            for name, value in values.items()
        }
        Delivery.objects.filter(pk=delivery.pk).update(**moved)
        assert line("Announcing messages").health == health


class TestThePage:
    @pytest.mark.parametrize("role", [Role.SECURITY_ADMINISTRATOR, Role.DISTRICT_SCHOOL])
    def test_is_for_the_system_administrator_alone(self, role):
        assert browser_of(make_officer(role)).get(reverse("backstage:status")).status_code == 403

    def test_says_first_how_many_lines_need_somebody(self):
        page = browser_of(make_officer(Role.SYSTEM_ADMINISTRATOR)).get(reverse("backstage:status"))
        needing = [
            one for one in list_status(timezone.now()) if one.health in {Health.WATCH, Health.WRONG}
        ]

        assert f"{len(needing)} lines need you." in page.content.decode()

    def test_is_found_from_home(self):
        home = browser_of(make_officer(Role.SYSTEM_ADMINISTRATOR)).get("/").content.decode()

        assert home.count(f'href="{reverse("backstage:status")}"') == 2  # menu and look-ups
