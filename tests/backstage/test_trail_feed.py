"""The trail leaves the machine: everything, in order, and again rather than not at all."""

from __future__ import annotations

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, transaction

from accounts.audit import AuditSubject, record_act, record_acts
from accounts.chain.sealing import seal_acts
from accounts.models import AuditEntry, Seal
from backstage import tasks, trail_feed
from backstage.models import TrailFeedPosition
from backstage.trail_feed import entries_waiting, feed_trail
from config.lib.log_targets import TargetError
from schools.models import School
from tests import factories
from tests.connections import PATIENCE
from tests.factories import NOON, acting

NO_WAIT = timedelta(0)


@pytest.fixture
def feed(settings, tmp_path) -> Path:
    """A file of a folder that some other program collects."""
    settings.TRAIL_FEED = str(tmp_path / "trail.log")
    return tmp_path / "trail.log"


def lines(file: Path) -> list[dict]:
    """What was sent of entries."""
    return [line for line in all_lines(file) if "seal" not in line]


def heads(file: Path) -> list[dict]:
    """What was sent of seals; the first was made with the database of the tests."""
    return [line for line in all_lines(file) if "seal" in line]


def all_lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("ascii").splitlines()]


def write_entries(count: int = 1) -> list[int]:
    by = acting(factories.make_user(display_name="王芳"))
    facts = {"name": "李娜"}
    with transaction.atomic():
        subjects = (AuditSubject(School, n, "杨柳青镇党校", None, facts) for n in range(count))
        record_acts(act="change_record", subjects=subjects, by=by, at=NOON)
    return list(AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[:count])[::-1]


@pytest.mark.django_db(transaction=True)
class TestTheHeads:
    def test_of_new_seals_are_sent_once(self, feed):
        write_entries()
        seal_acts(at=NOON)
        for _ in range(2):
            feed_trail(at=NOON)

        first, last = Seal.objects.order_by("number")
        assert [head["seal"] for head in heads(feed)] == [first.number, last.number]
        assert heads(feed)[-1] == {
            "seal": last.number,
            "at": "2026-05-20T04:00:00+00:00",
            "head": last.head,
        }

    def test_wait_for_a_target_that_cannot_be_reached(self, feed):
        feed.mkdir()
        feed_trail(at=NOON)
        feed.rmdir()
        feed_trail(at=NOON)

        assert [head["seal"] for head in heads(feed)] == [1]


@pytest.mark.django_db
class TestAFile:
    def test_gets_what_proves_an_entry_and_nothing_personal(self, feed):
        [number] = write_entries()
        entry = AuditEntry.objects.get(pk=number)

        assert feed_trail(at=NOON) == 1
        assert lines(feed) == [
            {
                "id": number,
                "at": "2026-05-20T04:00:00+00:00",
                "act": "change_record",
                "actor": entry.actor_id,
                "object_type": "schools.school",
                "object_id": "0",
                "digest": entry.digest,
            }
        ]
        assert feed.stat().st_mode & 0o037 == 0

    def test_gets_each_entry_once_and_in_order(self, feed, monkeypatch):
        monkeypatch.setattr(trail_feed, "BATCH", 4)
        numbers = write_entries(10)
        assert feed_trail(at=NOON) == 10
        assert feed_trail(at=NOON) == 0
        numbers += write_entries(2)
        assert feed_trail(at=NOON) == 2

        assert [line["id"] for line in lines(feed)] == numbers

    def test_may_be_moved_away_at_any_time(self, feed):
        write_entries()
        feed_trail(at=NOON)
        feed.rename(feed.with_suffix(".1"))
        [number] = write_entries()
        feed_trail(at=NOON)

        assert [line["id"] for line in lines(feed)] == [number]

    def test_that_cannot_be_written_delays_and_loses_nothing(self, feed, caplog):
        numbers = write_entries(3)
        feed.mkdir()  # a folder in its place
        with caplog.at_level(logging.ERROR):
            assert feed_trail(at=NOON) == 0
        assert entries_waiting() == 3
        assert caplog.messages == [f"The trail's feed is interrupted: {feed}: Is a directory"]

        feed.rmdir()
        assert feed_trail(at=NOON) == 3
        assert [line["id"] for line in lines(feed)] == numbers
        assert entries_waiting() == 0

    def test_gets_lines_again_whose_receipt_was_lost(self, feed, monkeypatch):
        numbers = write_entries(2)
        save = TrailFeedPosition.save

        def fail(*_args, **_more):
            raise RuntimeError("the process ends here")

        monkeypatch.setattr(TrailFeedPosition, "save", fail)
        TrailFeedPosition(target=str(feed)).save_base()
        with pytest.raises(RuntimeError):
            feed_trail(at=NOON)
        monkeypatch.setattr(TrailFeedPosition, "save", save)
        feed_trail(at=NOON)

        assert [line["id"] for line in lines(feed)] == numbers * 2

    def test_of_another_name_gets_the_whole_trail(self, feed, settings, tmp_path):
        numbers = write_entries(2)
        feed_trail(at=NOON)
        settings.TRAIL_FEED = str(tmp_path / "other.log")
        feed_trail(at=NOON)

        assert [line["id"] for line in lines(tmp_path / "other.log")] == numbers


@pytest.mark.django_db
def test_without_a_target_nothing_is_sent_or_counted(settings):
    settings.TRAIL_FEED = ""
    write_entries()

    assert (tasks.feed_trail(), entries_waiting()) == (0, 0)
    assert not TrailFeedPosition.objects.exists()


@pytest.mark.django_db
def test_beat_sends_what_is_new(feed):
    numbers = write_entries(2)

    assert tasks.feed_trail.delay().get() == 2
    assert [line["id"] for line in lines(feed)] == numbers


@pytest.mark.django_db
def test_a_collector_is_reached_by_udp_and_by_tcp(settings):
    """The answers of the targets themselves are tested with them."""
    [number] = write_entries()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(PATIENCE)
        settings.TRAIL_FEED = f"syslog+udp:127.0.0.1:{collector.getsockname()[1]}"
        feed_trail(at=NOON)
        message = collector.recv(65_536).decode()

    assert json.loads(message[message.index("{") :])["id"] == number

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def collect() -> str:
            taken, _address = server.accept()
            with taken, taken.makefile() as text:
                return text.read()

        entries, seals = pool.submit(collect), pool.submit(collect)
        settings.TRAIL_FEED = f"syslog:127.0.0.1:{server.getsockname()[1]}"
        feed_trail(at=NOON)
        [message] = entries.result(PATIENCE).splitlines()
        [head] = seals.result(PATIENCE).splitlines()

    assert json.loads(message[message.index("{") :])["id"] == number
    assert json.loads(head[head.index("{") :])["seal"] == 1


@pytest.mark.django_db
def test_an_unreachable_collector_is_one_line_of_the_log(settings, caplog, monkeypatch):
    class Away:
        def send(self, _lines):
            raise TargetError("collector:601: refused")

    monkeypatch.setattr(trail_feed, "target_of", lambda _text: Away())
    settings.TRAIL_FEED = "syslog:collector:601"
    write_entries()
    feed_trail(at=NOON)

    assert caplog.messages == ["The trail's feed is interrupted: collector:601: refused"]


@pytest.mark.django_db(transaction=True)
class TestEntriesAreNumberedBeforeTheyAreCommitted:
    """So a lower number may appear after a higher one: the feed waits for it."""

    def test_a_late_commit_is_neither_lost_nor_out_of_order(self, feed):
        user, school = factories.make_user(), factories.make_school()
        written, may_commit = Event(), Event()

        def write_slowly() -> int:
            try:
                with transaction.atomic():
                    entry = record_act(act="change_record", obj=school, by=acting(user), at=NOON)
                    written.set()
                    assert may_commit.wait(PATIENCE)
                return entry.pk
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(write_slowly)
            assert written.wait(PATIENCE)
            [quick] = write_entries()
            assert feed_trail(at=NOON, patience=NO_WAIT) == 0
            may_commit.set()
            late = slow.result(PATIENCE)
        sent = feed_trail(at=NOON)

        assert late < quick
        assert sent == len(lines(feed))
        assert [line["id"] for line in lines(feed)][-2:] == [late, quick]

    def test_two_processes_do_not_send_the_same(self, feed):
        write_entries(3)
        with transaction.atomic():
            TrailFeedPosition.objects.create(target=str(feed))
        with transaction.atomic(), ThreadPoolExecutor(1) as pool:
            TrailFeedPosition.objects.select_for_update().get()

            def feed_beside() -> int:
                try:
                    return feed_trail(at=NOON)
                finally:
                    connection.close()

            assert pool.submit(feed_beside).result(PATIENCE) == 0

        assert feed_trail(at=NOON) == 3
