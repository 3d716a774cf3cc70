from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from accounts.records import RecordError
from backstage.enums import PendingState
from backstage.models import PendingAct
from backstage.pending_acts import confirm_at_server
from backstage.pending_kinds import pending_kind
from config.lib.errors import PortalError


class Command(BaseCommand):
    """Confirm an act at the server, where the portal has no second person who could.

    Two people stand there: who has the server, and the witness, whom the trail names. Without a
    number it lists what waits.
    """

    help = "List the acts that wait for a second person, or confirm one before a witness."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, nargs="?", help="number of the act")
        parser.add_argument("witness", nargs="?", default="", help="name of who stands by")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["number"] is None:
            for act in PendingAct.objects.filter(state=PendingState.WAITING):
                self._say(act)
            return
        try:
            act = confirm_at_server(
                act_id=options["number"],
                witness=options["witness"],
                by=Actor(None, ActorChannel.COMMAND),
                at=timezone.now(),
            )
        except PendingAct.DoesNotExist as error:
            raise CommandError("No act has this number.") from error
        except (PortalError, RecordError) as error:
            raise CommandError(str(error)) from error
        self._say(act)

    def _say(self, act: PendingAct) -> None:
        state = act.get_state_display()
        self.stdout.write(f"{act.pk}: {act} ({act.proposed_by}), {state}")
        for sentence in pending_kind(act).describe(act):
            self.stdout.write(f"    {sentence}")
