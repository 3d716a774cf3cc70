"""Limits on guessing. Each guess is counted under a lock, and only then checked.

So twenty guesses at once count as twenty. A right one takes back what was counted before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.enums import GuessKind
from accounts.models import Guess
from config.lib.encryption import keyed_hash
from config.lib.errors import PortalError
from config.lib.lock_classes import LockClass

# After this many wrong guesses at the same thing within these minutes, no more are checked.
GUESSES_ALLOWED = 5
WAIT_MINUTES = 15


class TooManyGuessesError(PortalError):
    """The guess was not checked: there were too many wrong ones before it."""


@dataclass(frozen=True)
class Target:
    """What is guessed at, and from where.

    `device` is the name of a device that is known to the account ("" for any other): its guesses
    are counted apart, so that nobody else locks it out. `network` is limited too, if it is given.
    """

    kind: GuessKind
    name: str
    network: str | None = None
    device: str = ""

    @property
    def fingerprint(self) -> str:
        """The keyed hash under which its guesses are counted."""
        return keyed_hash(f"{self.kind}:{self.device}:{self.name}", purpose="guess")


@dataclass(frozen=True)
class Counted:
    """A guess that may be checked now, and whether it is the last one of its name or network."""

    guess: Guess
    locks_name: bool
    locks_network: bool


def check_guess[T](
    target: Target,
    *,
    check: Callable[[], T | None],
    record_failure: Callable[[Counted], None],
    at: datetime,
) -> T | None:
    """Count a guess and check it; `record_failure` writes to the trail that it was wrong.

    Raises TooManyGuessesError, without checking, after too many wrong ones.
    """
    counted = count_guess(target, at)
    found = check()
    if found is None:
        record_failure(counted)
    else:
        forgive(target)
    return found


@transaction.atomic
def count_guess(target: Target, at: datetime) -> Counted:
    """Count a guess that is about to be checked. Raises TooManyGuessesError."""
    since = at - timedelta(minutes=WAIT_MINUTES)
    recent = Guess.objects.filter(kind=target.kind, at__gt=since)
    lock_count(LockClass.GUESSES, target.fingerprint)
    of_name = recent.filter(fingerprint=target.fingerprint).count()
    of_network = 0
    limited = target.network is not None and not target.device
    if limited:
        lock_count(LockClass.GUESSES_OF_NETWORK, str(target.network))
        of_network = recent.filter(network=target.network).count()
    if of_name >= GUESSES_ALLOWED or of_network >= settings.NETWORK_GUESSES:
        raise TooManyGuessesError(
            _("There were too many wrong passwords or codes. Wait %(minutes)s minutes.")
            % {"minutes": WAIT_MINUTES}
        )
    guess = Guess.objects.create(
        kind=target.kind,
        fingerprint=target.fingerprint,
        network=target.network if limited else None,
        at=at,
    )
    return Counted(
        guess,
        locks_name=of_name + 1 == GUESSES_ALLOWED,
        locks_network=limited and of_network + 1 == settings.NETWORK_GUESSES,
    )


def forgive(target: Target) -> None:
    """Begin the count anew, after the right password or code."""
    Guess.objects.filter(kind=target.kind, fingerprint=target.fingerprint).delete()


def lock_count(lock: LockClass, name: str) -> None:
    """Make others who count the same wait until the transaction ends."""
    key = int(keyed_hash(name, purpose="lock of a count")[:8], 16) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, key])


def sweep_guesses(*, at: datetime) -> int:
    """Delete the guesses that no longer count; return how many."""
    deleted, _by_model = Guess.objects.filter(at__lte=at - timedelta(minutes=WAIT_MINUTES)).delete()
    return deleted
