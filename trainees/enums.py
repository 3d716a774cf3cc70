from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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


class MergeState(models.TextChoices):
    """From the proposal that two rows are one person, to its end."""

    PROPOSED = "proposed", _("to be decided")
    DONE = "done", _("merged")
    REFUSED = "refused", _("refused")
    UNDONE = "undone", _("taken apart again")


class AccountState(models.TextChoices):
    """How the account of a member stands. Also an active one may get a slip, for a new password."""

    NONE = "none", _("no account yet")
    SLIP = "slip", _("slip issued")
    ACTIVE = "active", _("active")
    RENEWAL = "renewal", _("active, new password pending")
    DISABLED = "disabled", _("disabled")


WITH_SLIP = (AccountState.SLIP, AccountState.RENEWAL)
ACTIVATED = (AccountState.ACTIVE, AccountState.RENEWAL)

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
    ONLINE = "online", _("online study")
    OUTSIDE = "outside", _("training elsewhere")
    OUTREACH = "outreach", _("study brought home")
    ACTIVITY = "activity", _("activity")


MAIN_CATEGORIES = (CreditCategory.CONCENTRATED, CreditCategory.COLLECTIVE)


class StudyKind(models.TextChoices):
    """Kinds of study outside the classes.

    The first ones are the "three meetings and one lesson" and the themed Party day. An outreach
    visit brings study to those who cannot come (Regulation art. 23). The last two are declared by
    members for themselves.
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
    """From a draft to hours in the ledger. What was withdrawn counts no more."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waits for review")
    CHECKED = "checked", _("passed by the community")
    APPROVED = "approved", _("approved")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ReviewStep(models.TextChoices):
    """Who reviews: the community's commissioner first, the school at the end."""

    COMMUNITY = "community", _("review of the community")
    SCHOOL = "school", _("review of the school")


class ReviewVerdict(models.TextChoices):
    """What a review said."""

    PASSED = "passed", _("passed")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ParticipantChange(models.TextChoices):
    """What a correction of an approved record did with one member."""

    ADDED = "added", _("added to the participants")
    REMOVED = "removed", _("taken off the participants")


class AttendanceStatus(models.TextChoices):
    """What the roll says of a trainee. No row at all means *not taken*."""

    PRESENT = "present", _("present")
    LATE = "late", _("late")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("absent")


ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


class PocketKept(models.TextChoices):
    """Why a pocket number stays as it is."""

    SIGNED = "signed", _("as signed")
    IN_USE = "in_use", _("the phone is in it")


class LeaveAnswer(models.TextChoices):
    """What the clerk says to a request for leave."""

    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", pgettext_lazy("of leave", "refused")


class LeaveState(models.TextChoices):
    """How a request for leave stands."""

    WAITING = "waiting", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", pgettext_lazy("of leave", "refused")
    WITHDRAWN = "withdrawn", _("taken back")


class RollState(models.TextChoices):
    """States of a roll. No row at all means *not taken*."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class RollStage(models.TextChoices):
    """How far a roll is. Hours stand from *submitted* on, whatever follows."""

    UNTAKEN = "untaken", _("not taken")
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("reopened")


class ReopeningAnswer(models.TextChoices):
    """What the district school says to a request to reopen a roll."""

    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("left closed")


class MarkOutcome(models.TextChoices):
    """What became of a mark that a device sent."""

    APPLIED = "applied", _("saved")
    CONFLICT = "conflict", _("somebody else marked differently")
    REFUSED = "refused", _("not accepted")


class MarkRefusal(models.TextChoices):
    """Why a mark that a device sent was not taken."""

    SUBMITTED = "submitted", _("The roll was submitted before this mark arrived.")
    NOT_ON_ROSTER = "not_on_roster", _("This person is not on the roster of the session.")
    USED = "used", _("A mark with this number arrived before with other content.")


class DoorAnswer(models.TextChoices):
    """What a lane answers whoever shows a code at the door of a session."""

    PRESENT = "present", _("present")
    LATE = "late", _("late")
    MARKED = "marked", _("marked already")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("marked absent")
    WAITS = "waits", _("on the waiting list")
    ELSEWHERE = "elsewhere", _("not on this roster")
    TOO_EARLY = "too_early", _("too early")
    CLOSED = "closed", _("door closed")
    EXPIRED = "expired", _("code expired")
    TOO_OLD = "too_old", _("sent too late")
    UNKNOWN = "unknown", _("code unknown")


LET_IN = (DoorAnswer.PRESENT, DoorAnswer.LATE)
CODE_REFUSED = (DoorAnswer.EXPIRED, DoorAnswer.UNKNOWN)


class CardEnd(models.TextChoices):
    """Why a member's card lets nobody in any more. The reason of a revocation is in the trail."""

    REPLACED = "replaced", _("replaced by a new card")
    REVOKED = "revoked", _("card revoked")


class OwnCut(models.TextChoices):
    """Why evidence by itself is worth less to a member than to others."""

    NONE = "none", _("counted in full")
    LATE = "late", _("came late")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("absent")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Cap(models.TextChoices):
    """The limit that left no room for all hours of a piece of evidence."""

    NONE = "none", _("none")
    HALF_DAY = "half_day", _("cap of a half day reached")
    DAY = "day", _("daily cap reached")
    YEAR = "year", _("yearly cap reached")


class AssessmentCause(models.TextChoices):
    """Why there is this version of an assessment."""

    FIRST = "first", _("first assessed")
    CORRECTED = "corrected", _("corrected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    RESTORED = "restored", _("submitted again")
    SETTLED = "settled", _("another line of that time changed")
    MERGED = "merged", _("two rows of one member became one, or apart again")


class DocumentKind(models.TextChoices):
    """Papers about a member's year."""

    YEAR_RECORD = "year_record", _("year record")
    CERTIFICATE = "certificate", _("certificate of credit hours")


class DocumentState(models.TextChoices):
    """Whether an issued document still holds."""

    VALID = "valid", _("valid")
    REPLACED = "replaced", _("replaced")
    REVOKED = "revoked", _("revoked")


class DisputeState(models.TextChoices):
    """Whose turn it is. An answer may be appealed against; a decision may not."""

    OPEN = "open", _("waits for the school")
    ANSWERED = "answered", _("answered")
    APPEALED = "appealed", _("under appeal")
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


UNFINISHED_DISPUTES = (DisputeState.OPEN, DisputeState.APPEALED)


class DisputeStep(models.TextChoices):
    """What happened in a dispute."""

    OPENED = "opened", _("opened")
    ANSWERED = "answered", _("answered by the school")
    APPEALED = "appealed", _("appealed against")
    DECIDED = "decided", _("decided by the organisation department")
    WITHDRAWN = "withdrawn", _("withdrawn by the member")


class DisputeVerdict(models.TextChoices):
    """What an answer says: the hours were put right, or they are right as they stand."""

    CORRECTED = "corrected", pgettext_lazy("hours", "corrected")
    STANDS = "stands", _("stays as it is")


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
    NOTHING = "nothing", _("over, nothing to apply")
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


# Of these applying an import writes a member each.
WRITTEN = (RowKind.NEW, RowKind.CHANGED, RowKind.TRANSFERRED)
