"""Signed links by which lecturers without an account answer a proposal."""

from __future__ import annotations

from datetime import UTC

from django.core import signing

from dispatch.enums import EngagementState
from dispatch.models import Engagement

_SALT = "dispatch.proposal"


def token_of(engagement: Engagement) -> str:
    """The token of a proposal. A new proposal of the same engagement has another one."""
    return signing.dumps([engagement.pk, _stamp(engagement)], salt=_SALT)


def find_by_token(token: str) -> Engagement | None:
    """The engagement of a token, while its lecturer has no account and it is the same proposal.

    An answer that was given stays readable by it.
    """
    try:
        key, stamp = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Engagement.objects.select_related(
        "letter__school", "letter__venue", "course", "instructor", "venue"
    )
    engagement = (
        rows.exclude(state=EngagementState.DRAFT)
        .filter(pk=key, instructor__isnull=False, instructor__user=None)
        .first()
    )
    return engagement if engagement is not None and _stamp(engagement) == stamp else None


def _stamp(engagement: Engagement) -> str:
    return engagement.proposed_at.astimezone(UTC).isoformat() if engagement.proposed_at else ""
