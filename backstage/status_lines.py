"""What the status page says of database, workers, beat, jobs, disks, clock and backups."""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Min, Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backstage.enums import DUE_STATES, DeliveryState, JobState, RunOutcome
from backstage.files_folder import FolderState, look_at_folder
from backstage.models import Delivery, TrailFeedPosition
from backstage.notices import open_channels
from backstage.operations import (
    BACKUP,
    BEAT,
    FAILED_WITHIN,
    LATE_AFTER,
    RESTORE_DRILL,
    latest_age,
    latest_run,
    living_workers,
    read_queue,
)
from backstage.status import Health, StatusLine
from backstage.trail_feed import entries_waiting
from config.lib.dates import format_moment
from config.lib.rows import select_rows, select_value

# A register or a large export takes minutes, so a job that has not begun by then waits in vain.
WAITED_LONG = timedelta(minutes=15)
# A day's uploads of a district are far below 1 GiB, so there is a day's time to make room.
LEAST_FREE = 1024**3
LITTLE_FREE = 5 * 1024**3
# Codes at the door change every 30 seconds, so they fail beyond; NTP keeps a machine within 0.1 s.
CLOCK_OFF, CLOCK_WRONG = 2, 30
# Every night, with two hours for the run itself.
BACKUP_DUE_AFTER = timedelta(hours=26)
# Drills are held monthly.
DRILL_DUE_AFTER = timedelta(days=32)
# Beat sends every 20 seconds, so entries that wait at all are those of the last moment.
FEED_LATE_AFTER = timedelta(minutes=5)
# Beat relays every 20 seconds too; what is due for longer found no worker.
RELAY_LATE_AFTER = timedelta(minutes=5)


_SERVER = """
SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size
"""


class _Server(NamedTuple):
    """Its version, and the size of our database in bytes."""

    version: str
    size: int


def database_lines(_now: datetime) -> list[StatusLine]:
    """Version and size, and how far its clock is from that of this server."""
    asked = time.time()
    told = float(select_value("SELECT extract(epoch FROM clock_timestamp())"))
    # The answer was given between the two moments.
    drift = told - (asked + time.time()) / 2
    [server] = select_rows(_Server, _SERVER)
    seen = _("PostgreSQL %(version)s, %(size)s") % {
        "version": server.version.split()[0],
        "size": filesizeformat(server.size),
    }
    return [StatusLine(_("Database"), Health.WELL, seen), clock_line(drift)]


def clock_line(drift: float) -> StatusLine:
    """How many seconds the database's clock is ahead of ours; negative if it is behind."""
    off = abs(drift)
    health = Health.WRONG if off > CLOCK_WRONG else Health.WATCH if off > CLOCK_OFF else Health.WELL
    seen = _("The clocks of this server and of the database are %(seconds)s s apart.")
    return StatusLine(
        _("Clock"),
        health,
        seen % {"seconds": f"{off:.1f}"},
        _("Let both machines take their time from one NTP server.") if off > CLOCK_OFF else "",
    )


def worker_lines(now: datetime) -> list[StatusLine]:
    """Workers, beat, and the jobs that wait for them."""
    workers = living_workers()
    return [_workers_line(workers), _beat_line(bool(workers)), _queue_line(now)]


def _workers_line(workers: list[str]) -> StatusLine:
    if workers:
        seen = ngettext("%(n)d at work: %(names)s", "%(n)d at work: %(names)s", len(workers))
        names = ", ".join(workers)
        return StatusLine(_("Workers"), Health.WELL, seen % {"n": len(workers), "names": names})
    return StatusLine(
        _("Workers"),
        Health.WRONG,
        _("No worker has given a sign of life for three minutes."),
        _("Start the Celery worker, and look at its log. Jobs wait and are not lost."),
    )


def _beat_line(has_workers: bool) -> StatusLine:
    age = latest_age(BEAT)
    seen = _("No tick yet") if age is None else _("Last tick %(ago)s ago") % {"ago": _span(age)}
    if age is not None and age < LATE_AFTER:
        return StatusLine(_("Beat"), Health.WELL, seen)
    advice = (
        _("Start Celery beat. If it runs, long jobs keep all workers busy: wait for them.")
        if has_workers
        else _("Start the worker first: it writes down the ticks of beat.")
    )
    return StatusLine(_("Beat"), Health.WRONG, seen, advice)


def _queue_line(now: datetime) -> StatusLine:
    queue = read_queue(at=now)
    seen = _("%(waiting)d waiting, %(running)d running, %(failed)d failed within 7 days") % vars(
        queue
    )
    jobs = reverse("admin:backstage_job_changelist")
    since = queue.waiting_since
    if since is not None and now - since > WAITED_LONG:
        advice = _("The oldest job has waited for %(span)s: see whether workers are at work.")
        return StatusLine(
            _("Jobs"), Health.WRONG, seen, advice % {"span": _span(now - since)}, jobs
        )
    if queue.failed:
        failed = f"{jobs}?state__exact={JobState.FAILED}"
        advice = _("Open the failed jobs and read why; the log has more under their number.")
        return StatusLine(_("Jobs"), Health.WATCH, seen, advice, failed)
    return StatusLine(_("Jobs"), Health.WELL, seen, url=jobs)


def disk_lines(_now: datetime) -> list[StatusLine]:
    """Whether the folder of files is the right one, and the room there and for temporary files."""
    return [
        _folder_line(look_at_folder()),
        room_line(_("Room for files"), Path(settings.MEDIA_ROOT)),
        room_line(_("Room for temporary files"), Path(tempfile.gettempdir())),
    ]


def _folder_line(state: FolderState) -> StatusLine:
    label = _("Files folder")
    check_mount = _("Check the mount. After a restore, run: manage.py mark_files_folder.")
    match state:
        case FolderState.OK:
            return StatusLine(label, Health.WELL, _("It is the right one, and can be written."))
        case FolderState.UNMARKED:
            seen = _("It has no mark yet.")
            advice = _("A worker marks it within a minute. If not, its log says why.")
            return StatusLine(label, Health.WATCH, seen, advice)
        case FolderState.LOST_MARK:
            return StatusLine(label, Health.WRONG, _("Its mark is missing."), check_mount)
        case FolderState.WRONG:
            seen = _("It is the folder of another database.")
            return StatusLine(label, Health.WRONG, seen, check_mount)
    advice = _("Let the portal's user write there, or make room.")
    return StatusLine(label, Health.WRONG, _("It cannot be written."), advice)


def room_line(label: str, folder: Path) -> StatusLine:
    """The room left on the disk of a folder, which may still have to be made."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    seen = _("%(free)s free of %(total)s") % {
        "free": filesizeformat(usage.free),
        "total": filesizeformat(usage.total),
    }
    if usage.free >= LITTLE_FREE:
        return StatusLine(label, Health.WELL, seen)
    health = Health.WATCH if usage.free >= LEAST_FREE else Health.WRONG
    return StatusLine(label, health, seen, _("Make room on this disk, or give it more."))


def backup_lines(_now: datetime) -> list[StatusLine]:
    """When the last backup was made and the last drill held, and whether each ended well."""
    return [
        _run_line(
            _("Last backup"),
            BACKUP,
            BACKUP_DUE_AFTER,
            _("Run: manage.py backup, and see that a timer runs it every night."),
        ),
        _run_line(
            _("Last restore drill"),
            RESTORE_DRILL,
            DRILL_DUE_AFTER,
            _("Run: manage.py restore_drill, and see that a timer runs it every month."),
        ),
    ]


def _run_line(label: str, kind: str, due_after: timedelta, advice: str) -> StatusLine:
    last, age = latest_run(kind), latest_age(kind)
    if last is None:
        return StatusLine(label, Health.WRONG, _("There is none yet."), advice)
    if last.outcome == RunOutcome.FAILED:
        seen = _("The one of %(moment)s failed.") % {"moment": format_moment(last.finished_at)}
        return StatusLine(label, Health.WRONG, seen, advice)
    health = Health.WELL if age is not None and age < due_after else Health.WRONG
    seen = format_moment(last.finished_at)
    return StatusLine(label, health, seen, "" if health == Health.WELL else advice)


def feed_lines(now: datetime) -> list[StatusLine]:
    """Whether the trail reaches the collector."""
    label = _("Feed of the trail")
    if not settings.TRAIL_FEED:
        return [StatusLine(label, Health.OFF, _("The trail stays on this machine."))]
    waiting = entries_waiting()
    position = TrailFeedPosition.objects.filter(target=settings.TRAIL_FEED).first()
    sent_at = position.sent_at if position else None
    seen = ngettext("%(n)d entry waits", "%(n)d entries wait", waiting) % {"n": waiting}
    if sent_at:
        seen = f"{seen}; " + _("last sent %(moment)s") % {"moment": format_moment(sent_at)}
    is_late = waiting and (sent_at is None or now - sent_at > FEED_LATE_AFTER)
    if not is_late:
        return [StatusLine(label, Health.WELL, seen)]
    advice = _("See whether the collector answers; the worker's log says what is wrong.")
    return [StatusLine(label, Health.WRONG, seen, advice)]


def notice_lines(now: datetime) -> list[StatusLine]:
    """Whether messages leave the portal by the channels that are set up."""
    label = _("Announcing messages")
    counts = Delivery.objects.exclude(state=DeliveryState.SENT).aggregate(
        waiting=Count("pk", filter=Q(state__in=DUE_STATES)),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        given_up=Count(
            "pk", filter=Q(state=DeliveryState.GIVEN_UP, tried_at__gt=now - FAILED_WITHIN)
        ),
        due_since=Min("due_at", filter=Q(state__in=DUE_STATES)),
    )
    channels = open_channels(is_urgent=True)
    if not channels and not counts["waiting"]:
        return [StatusLine(label, Health.OFF, _("Messages stand in the portal alone."))]
    seen = _("%(waiting)d waiting, %(failed)d of them failed; %(given_up)d given up within 7 days")
    seen, log = seen % counts, reverse("admin:backstage_delivery_changelist")
    due_since = counts["due_since"]
    if due_since is not None and now - due_since > RELAY_LATE_AFTER:
        advice = _("See whether beat and a worker are at work.")
        return [StatusLine(label, Health.WRONG, seen, advice, log)]
    if counts["given_up"] or counts["failed"]:
        advice = _("Look at the problems of the deliveries, and whether the mail server answers.")
        health = Health.WRONG if counts["given_up"] else Health.WATCH
        return [StatusLine(label, health, seen, advice, log)]
    return [StatusLine(label, Health.WELL, seen, url=log)]


def _span(span: timedelta) -> str:
    """A span in the largest unit that it fills, such as 5 minutes."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < 7200:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    if seconds < 172_800:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)d day", "%(n)d days", seconds // 86_400) % {"n": seconds // 86_400}
