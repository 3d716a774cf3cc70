from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    FEMALE = "f", _("female")
    MALE = "m", _("male")


class Standing(models.TextChoices):
    """Whether a membership counts in the denominators (Regulation art. 24)."""

    NORMAL = "normal", _("normal")
    SUSPENDED = "suspended", _("membership suspended")
    LOST_CONTACT = "lost_contact", _("lost contact")


class PostKind(models.TextChoices):
    """Posts held in an organisation."""

    SECRETARY = "secretary", _("secretary")
    DEPUTY_SECRETARY = "deputy_secretary", _("deputy secretary")
    COMMITTEE_MEMBER = "committee_member", _("committee member")
    AFFAIRS_WORKER = "affairs_worker", _("Party-affairs worker")


class AccountState(models.TextChoices):
    """How the account of a member stands. An open slip comes before an old password."""

    NONE = "none", _("no account yet")
    SLIP = "slip", _("slip issued")
    ACTIVE = "active", _("active")
    DISABLED = "disabled", _("disabled")


LEADING_POSTS = (PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY, PostKind.COMMITTEE_MEMBER)


class ExemptionCategory(models.TextChoices):
    """Why nothing is owed (Regulation art. 23): a category, never a diagnosis."""

    ELDERLY = "elderly", _("advanced age")
    FRAIL = "frail", _("frail health")
    SERIOUS_ILLNESS = "serious_illness", _("serious illness")


class RequirementGroup(models.TextChoices):
    """Whom a requirement rule applies to.

    Of the hours of a year the narrower group wins. Secretaries newly appointed and new members owe
    a training besides, within some months.
    """

    LEADING_POST = "leading_post", _("secretaries and committee members")
    EVERY_MEMBER = "every_member", _("every member")
    NEW_SECRETARY = "new_secretary", _("newly appointed secretaries")
    PROBATIONARY = "probationary", _("probationary members")
    NEW_FULL_MEMBER = "new_full_member", _("new full members")


YEARLY_GROUPS = (RequirementGroup.LEADING_POST, RequirementGroup.EVERY_MEMBER)


class CreditCategory(models.TextChoices):
    """Categories of credit hours; they are never blurred into one another."""

    CONCENTRATED = "concentrated", _("concentrated training")
    COLLECTIVE = "collective", _("collective study")


class StudyKind(models.TextChoices):
    """Kinds of branch study: the "three meetings and one lesson" and themed Party days."""

    BRANCH_MEETING = "branch_meeting", _("branch members' meeting")
    GROUP_MEETING = "group_meeting", _("Party group meeting")
    PARTY_LESSON = "party_lesson", _("Party lesson")
    THEMED_DAY = "themed_day", _("themed Party day")


class AttendanceStatus(models.TextChoices):
    """What the roll says of a trainee. No row at all means *not taken*."""

    PRESENT = "present", _("present")
    LATE = "late", _("late")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("absent")


ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


class RollState(models.TextChoices):
    """States of a roll. No row at all means *not taken*."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class CutReason(models.TextChoices):
    """Why an assessment is worth less than its evidence."""

    NONE = "none", _("counted in full")
    LATE = "late", _("came late")
    DAILY_CAP = "daily_cap", _("daily cap reached")
    LATE_AND_DAILY_CAP = "late_and_daily_cap", _("came late, and daily cap reached")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("absent")


class RegisterField(models.TextChoices):
    """What a column of an office's register says of a member."""

    ORGANISATION = "organisation", _("Party organisation")
    NAME = "name", _("name")
    RESIDENT_ID = "resident_id", _("resident ID number")
    NUMBER = "number", _("member number")
    SEX = "sex", _("sex")
    BIRTH_DATE = "birth_date", _("date of birth")
    PHONE = "phone", _("phone")
    JOINED_ON = "joined_on", _("joined the Party on")
    FULL_MEMBER_ON = "full_member_on", _("full member since")
    STANDING = "standing", _("standing")
    POST = "post", _("post")
    IGNORED = "ignored", _("not used")


class ImportState(models.TextChoices):
    """From the upload of a register to its end."""

    READING = "reading", _("being read")
    UNMAPPED = "unmapped", _("columns to be explained")
    READY = "ready", _("to be checked")
    APPLIED = "applied", _("applied")
    UNREADABLE = "unreadable", _("could not be read")
    DISCARDED = "discarded", _("discarded")


class RowKind(models.TextChoices):
    """What a row of a register means for the members stored."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    TRANSFERRED = "transferred", _("transferred")
    UNCHANGED = "unchanged", _("unchanged")
    REFUSED = "refused", _("refused")
    MISSING = "missing", _("no longer listed")
