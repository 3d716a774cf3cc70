from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor
from hours.actions.ledger_check import reassess_ledger


class Command(BaseCommand):
    """A repair: reassess lines whose cuts `verify_ledger` finds to be wrong."""

    help = "Assess anew what overlaps and caps cut otherwise than it stands; changes hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="sign-in name of the officer who answers for it")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        try:
            check = reassess_ledger(by=Actor(user, ActorChannel.COMMAND), at=timezone.now())
        except PermissionDenied as error:
            raise CommandError("Name an officer of the organisation department.") from error
        if check.findings:
            raise CommandError(f"{check.findings} findings; see verify_ledger.", returncode=1)
        self.stdout.write("Settled; no findings.")
