"""Changes to a person's own account, each with its entry in the audit trail."""

from datetime import datetime

from django.contrib.auth import login, logout
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.audit import record_act
from accounts.backends import BACKEND, may_enter
from accounts.middleware import mark_seen
from accounts.models import NoticeReading, PrivacyNotice, User
from accounts.origin import Actor


class AccountChangedError(Exception):
    """The user's session has ended meanwhile, through a new password or another person."""


@transaction.atomic
def sign_in(*, request: HttpRequest, user: User) -> None:
    """Open a session for `user`, who was just authenticated by a backend or a code."""
    login(request, user, backend=getattr(user, "backend", BACKEND))
    mark_seen(request.session)
    record_act(act="sign_in", obj=user, by=Actor.of_request(request))


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
