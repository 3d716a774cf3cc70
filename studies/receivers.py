"""This app's reactions to signals of the apps below."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.dates import format_day
from schools.errors import SchoolsError
from schools.signals import serving_school_changing
from studies.actions.merged_declarations import hand_declarations_back, hand_declarations_over
from studies.enums import StudyState
from studies.models import Study
from trainees.actions.member_merges import Moved
from trainees.models import Member
from trainees.signals import members_merged, members_unmerged


@receiver(serving_school_changing, dispatch_uid="studies.keep_studied_school")
def keep_studied_school(organisation_ids: list[int], on: date, **_kwargs: Any) -> None:
    """Reject a change of school from a day with approved study: its hours are at the old school."""
    studies = Study.objects.filter(
        organisation__in=organisation_ids, held_on__gte=on, state=StudyState.APPROVED
    )
    last = studies.select_related("organisation").order_by("held_on").last()
    if last is not None:
        raise SchoolsError(
            _("%(name)s has recorded a study on %(day)s: choose a later day.")
            % {"name": last.organisation.name, "day": format_day(last.held_on)},
            field="on",
        )


@receiver(members_merged, dispatch_uid="studies.hand_over_declarations")
def hand_over_declarations(
    kept: Member, given_up: Member, closed: User | None, **_kwargs: Any
) -> Moved:
    """Pass open declarations made with a closed account to the remaining account."""
    if closed is None or kept.user is None:
        return Moved({}, [])
    return hand_declarations_over(owner=given_up, old=closed, new=kept.user)


@receiver(members_unmerged, dispatch_uid="studies.hand_back_declarations")
def hand_back_declarations(
    kept: Member, given_up: Member, account: User | None, moved: dict[str, Any], **_kwargs: Any
) -> Moved:
    """Return declarations that were passed on, unless they now belong to the remaining row."""
    if account is None:
        return Moved({}, [])
    keys = moved.get("declarations", [])
    return hand_declarations_back(keys=keys, owner=given_up, old=kept.user, new=account)
