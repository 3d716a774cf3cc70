from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from schools.actions.administrators import appoint_first_administrator
from schools.errors import SchoolsError


class Command(BaseCommand):
    """Make the first security administrator of a new site; the password is asked for."""

    help = "Make the account of the first security administrator, who then makes all others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="sign-in name")
        parser.add_argument("name", help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password: ")
        if password != getpass("The same once more: "):
            raise CommandError("The two passwords differ; nothing was made.")
        try:
            validate_password(password)
            user = appoint_first_administrator(
                username=options["username"],
                display_name=options["name"],
                password=password,
                by=Actor(None, ActorChannel.COMMAND),
                at=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except SchoolsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.username} is the security administrator.")
