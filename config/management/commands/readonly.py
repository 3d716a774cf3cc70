from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.audit import AuditSubject, record_acts
from accounts.enums import ActorChannel
from accounts.origin import Actor
from backstage.enums import JobState
from backstage.models import Job
from config.lib.read_only import read_only, turn_read_only_off, turn_read_only_on
from schools.models import District

_BY = Actor(None, ActorChannel.COMMAND)


class Command(BaseCommand):
    """Turn the read-only mode on until an announced moment, or off."""

    help = "Let people read but change nothing while the portal is maintained."

    def add_arguments(self, parser: ArgumentParser) -> None:
        modes = parser.add_subparsers(dest="mode", required=True)
        on = modes.add_parser("on")
        on.add_argument(
            "--until", required=True, type=_moment, help='announced end, "YYYY-MM-DD HH:MM"'
        )
        modes.add_parser("off")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["mode"] == "off":
            if read_only() is None:
                self.stdout.write("The portal was not read-only.")
                return
            with transaction.atomic():
                _record("read_only_off", at=now)
                turn_read_only_off()
            self.stdout.write("People may write again, and jobs begin.")
            return
        until = options["until"]
        if until <= now:
            raise CommandError("--until lies in the past.")
        with transaction.atomic():
            _record("read_only_on", at=now, until=until)
            turn_read_only_on(until)
        running = Job.objects.filter(state=JobState.RUNNING).count()
        self.stdout.write(f"Read-only; announced until {timezone.localtime(until):%Y-%m-%d %H:%M}.")
        if running:
            self.stdout.write(f"{running} jobs are still at work and will end by themselves.")


def _moment(text: str) -> datetime:
    return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d %H:%M"))


def _record(act: str, *, at: datetime, until: datetime | None = None) -> None:
    """Record the act about the district, which an empty portal has not yet."""
    district = District.objects.first()
    pk, label = (district.pk, str(district)) if district else (0, "")
    after = {"announced_until": until} if until else None
    record_acts(act=act, subjects=[AuditSubject(District, pk, label, after=after)], by=_BY, at=at)
