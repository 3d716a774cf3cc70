"""The channels by which a message is announced outside the portal: e-mail, and a gateway for SMS.

Only the title of a message leaves; its text is read in the portal. A channel is opened once for
many messages, and each way to fail is told apart: what certainly was not sent is tried again
(`NotSentError`), anything else is not, since it may have arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backstage.enums import Channel
from backstage.models import EmailAddress, Message

type Send = Callable[[Message, str], None]


class NotSentError(Exception):
    """It certainly was not sent. The message names the kind of the fault and no person."""


class NoAddressError(Exception):
    """The person can no longer be reached by this channel."""


@contextmanager
def open_email() -> Iterator[Send]:
    """E-mail by the mailer of the settings. Raises NotSentError if it cannot be reached."""
    if "default" not in mailers:
        raise NotSentError("not set up")
    mailer = mailers.default
    try:
        mailer.open()
    except (OSError, SMTPException) as error:
        raise NotSentError(type(error).__name__) from None

    def send(message: Message, title: str) -> None:
        found = EmailAddress.objects.filter(user=message.recipient_id).first()
        if found is None:
            raise NoAddressError
        mail = EmailMessage(title, _body(title), to=[found.address])
        try:
            mailer.send_messages([mail])
        except SMTPResponseException as error:
            raise NotSentError(f"{type(error).__name__} {error.smtp_code}") from None
        except SMTPRecipientsRefused as error:
            raise NotSentError(type(error).__name__) from None

    try:
        yield send
    finally:
        mailer.close()


@contextmanager
def open_sms() -> Iterator[Send]:
    """SMS by the callable that `SMS_GATEWAY` names. Raises NotSentError if there is none."""
    if not settings.SMS_GATEWAY:
        raise NotSentError("not set up")
    try:
        gateway = import_string(settings.SMS_GATEWAY)
    except ImportError:
        raise NotSentError("ImportError") from None

    def send(message: Message, title: str) -> None:
        if not message.recipient.phone:
            raise NoAddressError
        gateway(message.recipient.phone, title)

    yield send


OPEN: dict[str, Callable[[], AbstractContextManager[Send]]] = {
    Channel.EMAIL: open_email,
    Channel.SMS: open_sms,
}


def _body(title: str) -> str:
    link = f"{settings.SITE_ADDRESS.rstrip('/')}{reverse('backstage:messages')}"
    where = link if settings.SITE_ADDRESS else _("on the page “Messages”")
    return f"{title}\n\n" + _("Read it in the portal: %(where)s") % {"where": where} + "\n"
