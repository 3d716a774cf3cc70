from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.append_only import AppendOnlyModel
from config.lib.hours import HoursField, is_quarter_multiple
from config.lib.periods import OTHER, OVERLAPS, SAME, TimestampRange
from courses.models import Course, Session, Venue
from dispatch.enums import LIVE_STATES, LOST_STATES, EngagementState
from dispatch.models.letters import BookingLetter
from dispatch.querysets import EngagementQuerySet
from instructors.models import Instructor

ACCOUNT = settings.AUTH_USER_MODEL
_LIVE = Q(state__in=LIVE_STATES)


class Engagement(models.Model):
    """The engagement of a lecturer for one session of a booking letter.

    While it is live (`LIVE_STATES`), nobody else has the lecturer or the venue at its time. A
    session that needs another lecturer gets a new engagement; the former one stays with its
    answer. Once the school agreed it has a `session`, and both always say the same.

    `holds_venue`: the lecturer is lost, and the venue stays with the letter until another is
    engaged or the letter ends.
    """

    letter = models.ForeignKey(
        BookingLetter,
        on_delete=models.PROTECT,
        related_name="engagements",
        verbose_name=_("booking letter"),
    )
    number = models.PositiveSmallIntegerField(_("number of the session"))
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    instructor = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="engagements",
        verbose_name=_("lecturer"),
    )
    venue = models.ForeignKey(
        Venue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("venue"),
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    hours = HoursField(_("credit hours"))
    state = models.CharField(
        _("state"), max_length=10, choices=EngagementState, default=EngagementState.DRAFT
    )
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    answer_by = models.DateTimeField(_("to be answered by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_by_link = models.BooleanField(
        _("answered by the signed link"), default=False, db_default=False
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")
    holds_venue = models.BooleanField(
        _("keeps its venue for the next lecturer"), default=False, db_default=False
    )
    session = models.ForeignKey(
        Session,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="engagements",
        verbose_name=_("session"),
    )

    objects = EngagementQuerySet.as_manager()

    class Meta:
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="engagement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("hours") & Q(hours__gt=0),
                name="engagement_hours_in_steps",
            ),
            models.UniqueConstraint(
                fields=["letter", "number"], condition=_LIVE, name="engagement_live_once_a_session"
            ),
            models.UniqueConstraint(
                fields=["session"], condition=_LIVE, name="engagement_live_once_a_class_session"
            ),
            ExclusionConstraint(
                name="engagement_lecturer_once_at_a_time",
                violation_error_message=_("This lecturer is engaged elsewhere at that time."),
                expressions=[
                    ("instructor", SAME),
                    (TimestampRange("starts_at", "ends_at"), OVERLAPS),
                ],
                condition=_LIVE,
            ),
            ExclusionConstraint(
                name="engagement_venue_once_at_a_time",
                violation_error_message=_("This venue is booked for another letter at that time."),
                expressions=[("venue", SAME), (TimestampRange("starts_at", "ends_at"), OVERLAPS)],
                condition=_LIVE,
            ),
            ExclusionConstraint(
                name="engagement_venue_kept_for_its_letter",
                violation_error_message=_("This venue is booked for another letter at that time."),
                expressions=[
                    ("venue", SAME),
                    (TimestampRange("starts_at", "ends_at"), OVERLAPS),
                    ("letter", OTHER),
                ],
                condition=_LIVE | Q(holds_venue=True),
            ),
            models.CheckConstraint(
                condition=Q(holds_venue=False)
                | Q(state__in=LOST_STATES, session=None, venue__isnull=False),
                name="engagement_holds_venue_while_lost",
            ),
            models.CheckConstraint(
                condition=Q(state=EngagementState.DRAFT)
                | Q(state=EngagementState.WITHDRAWN)
                | Q(instructor__isnull=False, proposed_at__isnull=False, answer_by__isnull=False),
                name="engagement_proposed_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[EngagementState.ACCEPTED, EngagementState.DECLINED],
                    answered_at__isnull=False,
                )
                & (
                    Q(answered_by__isnull=False, answered_by_link=False)
                    | Q(answered_by=None, answered_by_link=True)
                )
                | ~Q(state__in=[EngagementState.ACCEPTED, EngagementState.DECLINED])
                & Q(answered_at=None, answered_by=None, answered_by_link=False),
                name="engagement_answer_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[EngagementState.DECLINED, EngagementState.WITHDRAWN])
                & ~Q(reason="")
                | ~Q(state__in=[EngagementState.DECLINED, EngagementState.WITHDRAWN])
                & Q(reason=""),
                name="engagement_ends_with_a_reason",
                violation_error_message=_("Say why."),
            ),
        ]
        indexes = [
            models.Index(fields=["instructor", "starts_at"], name="engagement_of_lecturer"),
            models.Index(fields=["starts_at"], name="engagement_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.letter} · {self.number}"

    @property
    def is_live(self) -> bool:
        """Whether it holds the time of lecturer and venue."""
        return self.state in LIVE_STATES


class EngagementOverride(AppendOnlyModel):
    """An officer engaged a lecturer in spite of a warning, for a reason."""

    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="overrides", verbose_name=_("engagement")
    )
    instructor = models.ForeignKey(
        Instructor, on_delete=models.PROTECT, related_name="+", verbose_name=_("lecturer")
    )
    warning = models.CharField(_("warning"), max_length=20)
    text = models.CharField(_("what it said"), max_length=300)
    reason = models.CharField(_("reason"), max_length=200)
    overridden_at = models.DateTimeField(_("at"))
    overridden_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("of an act", "by"),
    )

    class Meta:
        verbose_name = _("overridden warning")
        verbose_name_plural = _("overridden warnings")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="engagement_override_has_a_reason",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class PlanVersion(AppendOnlyModel):
    """A released version of the dispatch plan; the next one is being drafted beside it."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    released_at = models.DateTimeField(_("released at"))
    released_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("released by")
    )

    class Meta:
        verbose_name = _("version of the dispatch plan")
        verbose_name_plural = _("versions of the dispatch plan")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=0), name="plan_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class PlanLine(AppendOnlyModel):
    """An engagement as a version of the plan has it."""

    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="lines", verbose_name=_("version")
    )
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="+", verbose_name=_("engagement")
    )
    letter = models.ForeignKey(
        BookingLetter, on_delete=models.PROTECT, related_name="+", verbose_name=_("booking letter")
    )
    number = models.PositiveSmallIntegerField(_("number of the session"))
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    instructor = models.ForeignKey(
        Instructor, on_delete=models.PROTECT, related_name="+", verbose_name=_("lecturer")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("line of the dispatch plan")
        verbose_name_plural = _("lines of the dispatch plan")
        ordering = ["version", "starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "letter", "number"], name="plan_line_once_a_session"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.letter} · {self.number}"
