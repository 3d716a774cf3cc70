from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actions import is_own_password
from accounts.backends import may_enter
from accounts.enums import ActorChannel
from accounts.guessing import TooManyGuessesError
from accounts.models import User
from accounts.origin import Actor
from accounts.second_factor import SecondFactorError, find_factor, reset_by_two, try_code


class Command(BaseCommand):
    """End the second factor of an administrator whom nobody else can help, before two others.

    Both type their password, and a code of their own second factor if they have one.
    """

    help = "Reset the second factor of a locked-out security administrator, by two others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose second factor is reset")
        parser.add_argument("witnesses", nargs=2, help="sign-in names of two other administrators")

    def handle(self, *args: Any, **options: Any) -> None:
        by, now = Actor(None, ActorChannel.COMMAND), timezone.now()
        user = _find(options["username"])
        witnesses = [self._witness(name) for name in options["witnesses"]]
        try:
            reset_by_two(user=user, witnesses=witnesses, by=by, at=now)
        except SecondFactorError as error:
            raise CommandError(
                "Nothing was reset: it takes an account with a second factor, and two other people "
                "who hold an administrator's role."
            ) from error
        self.stdout.write(f"{user.username} enrols a second factor at the next sign-in.")

    def _witness(self, name: str) -> User:
        """The account of this name, whose holder is at the keyboard. Raises CommandError."""
        user, now = _find(name), timezone.now()
        by = Actor(user, ActorChannel.COMMAND)
        try:
            typed = getpass(f"Password of {user.username}: ")
            fits = is_own_password(user=user, password=typed, by=by, at=now)
            if fits and find_factor(user):
                code = getpass(f"Code of {user.username}: ")
                fits = try_code(user=user, typed=code, by=by, at=timezone.now())
        except EOFError as error:
            message = "Passwords are typed at a terminal; nothing was reset."
            raise CommandError(message) from error
        except TooManyGuessesError as error:
            raise CommandError(str(error)) from error
        if not fits or not may_enter(user):
            raise CommandError(f"{user.username} could not be confirmed; nothing was reset.")
        return user


def _find(name: str) -> User:
    user = User.objects.find_by_login(name)
    if user is None:
        raise CommandError(f"There is no account {name}.")
    return user
