"""A person's own messages: how many are unread, the list, and what marks them as read.

Reading is no act of the trail: it changes nothing but the mark that the reader sees. The address
for e-mail is personal data, and setting it is an act.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor, person_of
from accounts.sessions import SessionStore, register_beside_account
from backstage.models import EmailAddress, Message

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

_UNREAD = "unread_messages"
# An index holds the unread ones alone, so this costs the same however many were read.
_UNREAD_SQL = """
SELECT count(*) FROM backstage_message message
WHERE message.recipient_id = account.id
  AND message.read_at IS NULL AND message.withdrawn_at IS NULL
"""


def register_unread() -> None:
    """Let the unread messages be counted with each session."""
    register_beside_account(_UNREAD, _UNREAD_SQL)


def count_unread(user: User, session: SessionBase) -> int:
    """How many messages wait for the user; asks only if it was not read with the session."""
    if isinstance(session, SessionStore) and session.beside and session.account == user:
        return int(session.beside[_UNREAD])
    return Message.objects.visible_to(user).unread().count()


def mark_read(message: Message, *, at: datetime) -> None:
    """Mark one message as read; the first time stays."""
    Message.objects.filter(pk=message.pk).unread().update(read_at=at)


def mark_all_read(user: User, *, at: datetime) -> int:
    """Mark all messages that were written until now as read; return how many."""
    return Message.objects.visible_to(user).unread().filter(written_at__lte=at).update(read_at=at)


@transaction.atomic
def set_email(*, address: str, by: Actor, at: datetime) -> None:
    """Let messages be announced to this address from now on; to none if it is empty.

    The trail keeps it masked.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=person_of(by).pk)
    stored = EmailAddress.objects.filter(user=user).first()
    before = stored.address if stored else ""
    if address == before:
        return
    if not address and stored:
        stored.delete()
    else:
        EmailAddress.objects.update_or_create(user=user, defaults={"address": address})
    record_act(
        act="set_email",
        obj=user,
        by=by,
        at=at,
        before={"email": mask_email(before)},
        after={"email": mask_email(address)},
    )


def mask_email(address: str) -> str:
    """A masked address for the trail: the first letter, and the host."""
    name, _at, host = address.rpartition("@")
    return f"{name[:1]}****@{host}" if address else ""
