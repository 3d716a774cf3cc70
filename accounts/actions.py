"""Changes to a person's own account, each with its entry in the audit trail."""

from datetime import datetime

from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.audit import record_act
from accounts.backends import BACKEND, may_enter
from accounts.devices import find_device
from accounts.enums import ActorChannel, GuessKind
from accounts.guessing import Counted, Target, check_guess
from accounts.middleware import mark_seen
from accounts.models import NoticeReading, PrivacyNotice, User
from accounts.origin import Actor, client_address, counted_address


class AccountChangedError(Exception):
    """The user's session has ended meanwhile, through a new password or another person."""


@transaction.atomic
def sign_in(*, request: HttpRequest, user: User) -> None:
    """Open a session for `user`, who was just authenticated by a backend or a code."""
    login(request, user, backend=getattr(user, "backend", BACKEND))
    mark_seen(request.session)
    record_act(act="sign_in", obj=user, by=Actor.of_request(request))


def try_password(*, request: HttpRequest, name: str, password: str, at: datetime) -> User | None:
    """The account of this name and password, or None. Wrong ones are counted, by name and network.

    The name is counted as one however it was typed, and for a device that is known, apart from all
    others. Raises TooManyGuessesError without looking at the password.
    """
    user = User.objects.find_by_login(name)
    target = Target(
        GuessKind.SIGN_IN,
        name=user.username if user else name.lower(),
        network=counted_address(request),
        device=find_device(request, user),
    )
    return check_guess(
        target,
        check=lambda: authenticate(request, username=name, password=password),
        record_failure=lambda counted: _record_failed_sign_in(request, user, counted, at),
        at=at,
    )


def _record_failed_sign_in(
    request: HttpRequest, user: User | None, counted: Counted, at: datetime
) -> None:
    """A trail entry about the account; where there is none, the typed name is not stored."""
    locks = {"locks_name": counted.locks_name, "locks_network": counted.locks_network}
    by = Actor(None, ActorChannel.STRANGER, client_address(request))
    with transaction.atomic():
        record_act(
            act="fail_sign_in",
            obj=user or counted.guess,
            by=by,
            at=at,
            after={name: True for name, holds in locks.items() if holds} or None,
        )


def is_own_password(*, user: User, password: str, by: Actor, at: datetime) -> bool:
    """Whether this is the current password; wrong ones are counted and stand in the trail.

    What is typed on the page of somebody else (`by`) is counted apart, so that nobody is locked out
    of their own page. Raises TooManyGuessesError without looking at it.
    """
    elsewhere = " elsewhere" if by.user is not None and by.user.pk != user.pk else ""

    def record_failure(counted: Counted) -> None:
        after = {"locks_name": True} if counted.locks_name else None
        with transaction.atomic():
            record_act(act="fail_password", obj=user, by=by, at=at, after=after)

    found = check_guess(
        Target(GuessKind.OWN_PASSWORD, f"{user.pk}{elsewhere}"),
        check=lambda: True if user.check_password(password) else None,
        record_failure=record_failure,
        at=at,
    )
    return found is not None


@transaction.atomic
def sign_out(*, request: HttpRequest) -> None:
    """End the session of the signed-in person, if there is one."""
    if isinstance(request.user, User):
        record_act(act="sign_out", obj=request.user, by=Actor.of_request(request))
    logout(request)


@transaction.atomic
def change_password(*, user: User, new_password: str, by: Actor) -> User:
    """Set the new password, which the form has checked; return the stored account.

    Each session contains a hash of the password, so all of them end; the view renews its own.
    Raises AccountChangedError if `user` differs from the stored account, because the password that
    the form compared may no longer be valid.
    """
    stored = User.objects.select_for_update().get(pk=user.pk)
    if stored.get_session_auth_hash() != user.get_session_auth_hash() or not may_enter(stored):
        raise AccountChangedError
    stored.set_password(new_password)
    stored.save(update_fields=["password"])
    record_act(act="change_password", obj=stored, by=by)
    return stored


def end_sessions(*user_ids: int) -> None:
    """End all open sessions of these accounts; part of any action that takes rights from them."""
    User.objects.filter(pk__in=user_ids).update(session_epoch=F("session_epoch") + 1)


@transaction.atomic
def record_notice_reading(*, user: User, notice: PrivacyNotice, by: Actor, at: datetime) -> None:
    """Record that `user` has read this version of the notice; does nothing the second time."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if NoticeReading.objects.filter(user=user, notice=notice).exists():
        return
    NoticeReading.objects.create(user=user, notice=notice, read_at=at)
    record_act(act="read_notice", obj=user, by=by, at=at, after={"version": notice.version})


@transaction.atomic
def see_slip(*, user: User, by: Actor, at: datetime) -> None:
    """Record that `user` has seen who issued a slip for the active account."""
    if User.objects.filter(pk=user.pk, has_unseen_slip=True).update(has_unseen_slip=False):
        record_act(act="see_slip", obj=user, by=by, at=at)
