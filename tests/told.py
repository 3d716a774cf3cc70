"""What the portal has told a person, in English words."""

from django.utils import translation

from accounts.models import User
from backstage.models import Message
from backstage.notices import describe_message


def told(user: User) -> list[tuple[str, str]]:
    """Title and text of each message that stands, the oldest first."""
    with translation.override("en"):
        words = [describe_message(one) for one in _standing(user)]
        return [(one.title, one.text) for one in words]


def addresses(user: User) -> list[str]:
    """Where these messages lead."""
    return [one.address for one in _standing(user)]


def _standing(user: User) -> list[Message]:
    return list(Message.objects.visible_to(user).order_by("pk"))
