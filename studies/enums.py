from django.db import models
from django.utils.translation import gettext_lazy as _

from hours.enums import CreditCategory


class StudyKind(models.TextChoices):
    """Kinds of study outside the classes.

    The first ones are the "three meetings and one lesson" and the themed Party day. An outreach
    visit brings study to members who cannot come (Regulation art. 23). Members declare the last
    two for themselves.
    """

    BRANCH_MEETING = "branch_meeting", _("branch members' meeting")
    COMMITTEE_MEETING = "committee_meeting", _("branch committee meeting")
    GROUP_MEETING = "group_meeting", _("Party group meeting")
    PARTY_LESSON = "party_lesson", _("Party lesson")
    THEMED_DAY = "themed_day", _("themed Party day")
    OUTREACH_VISIT = "outreach_visit", _("visit with study at home")
    ACTIVITY = "activity", _("activity of study or reflection")
    ONLINE_STUDY = "online_study", _("online study")
    OUTSIDE_TRAINING = "outside_training", _("training elsewhere")


BRANCH_KINDS = (
    StudyKind.THEMED_DAY,
    StudyKind.PARTY_LESSON,
    StudyKind.BRANCH_MEETING,
    StudyKind.COMMITTEE_MEETING,
    StudyKind.GROUP_MEETING,
)
DECLARED_KINDS = (StudyKind.ONLINE_STUDY, StudyKind.OUTSIDE_TRAINING)
CATEGORY_OF_KIND = dict.fromkeys(BRANCH_KINDS, CreditCategory.COLLECTIVE) | {
    StudyKind.OUTREACH_VISIT: CreditCategory.OUTREACH,
    StudyKind.ACTIVITY: CreditCategory.ACTIVITY,
    StudyKind.ONLINE_STUDY: CreditCategory.ONLINE,
    StudyKind.OUTSIDE_TRAINING: CreditCategory.OUTSIDE,
}


class StudyState(models.TextChoices):
    """From a draft to hours in the ledger. A withdrawn record no longer counts."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waits for review")
    CHECKED = "checked", _("passed by the community")
    APPROVED = "approved", _("approved")
    WITHDRAWN = "withdrawn", _("withdrawn")


# Records that wait for a review.
WAITING_STUDIES = (StudyState.SUBMITTED, StudyState.CHECKED)
# Records that somebody answers for: sent to review, checked or approved.
SENT_STUDIES = (*WAITING_STUDIES, StudyState.APPROVED)


class ReviewStep(models.TextChoices):
    """Who reviews: first the community's commissioner, finally the school."""

    COMMUNITY = "community", _("review of the community")
    SCHOOL = "school", _("review of the school")


class ReviewVerdict(models.TextChoices):
    """The result of a review."""

    PASSED = "passed", _("passed")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ParticipantChange(models.TextChoices):
    """What a correction of an approved record did to one member."""

    ADDED = "added", _("added to the participants")
    REMOVED = "removed", _("taken off the participants")
