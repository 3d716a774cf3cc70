"""Members, and the dated facts that decide their audience and requirement."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.records import mask_phone
from accounts.validators import validate_phone
from config.lib.encryption import decrypt
from config.lib.periods import OVERLAPS, SAME, PeriodField
from config.lib.resident_ids import mask_resident_id
from config.lib.versions import VersionedModel
from schools.models import Organisation
from trainees.enums import ExemptionCategory, MembershipStatus, MergeState, PostKind, Sex
from trainees.querysets import MemberQuerySet


class Member(models.Model):
    """A Party member. The resident ID number is encrypted and found by its fingerprint."""

    number = models.CharField(_("member number"), max_length=12, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="member",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=80)
    name_pinyin = models.CharField(max_length=200, editable=False)
    name_initials = models.CharField(max_length=80, editable=False)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    birth_date = models.DateField(_("date of birth"))
    phone = models.CharField(_("phone"), max_length=11, blank=True, validators=[validate_phone])
    resident_id_encrypted = models.CharField(max_length=120, editable=False)
    resident_id_fingerprint = models.CharField(max_length=64, editable=False)
    joined_on = models.DateField(_("joined the Party on"), null=True, blank=True)
    # The same person's other row, which has the hours of this and later years.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    merged_year = models.PositiveSmallIntegerField(
        _("merged from the year"), null=True, blank=True, editable=False
    )
    full_member_on = models.DateField(
        _("full member since"),
        null=True,
        blank=True,
        help_text=_("The day on which probation ended; nothing is written while it is not known."),
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident_id_fingerprint"],
                name="member_resident_id_once",
                violation_error_message=_("Another member has this ID number."),
            ),
            models.CheckConstraint(
                condition=~Q(number__regex=r"^\d{17}[\dXx]$"),
                name="member_number_is_no_id_number",
                violation_error_message=_("An ID number is never a member number."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, merged_year__isnull=True)
                | Q(merged_into__isnull=False, merged_year__isnull=False),
                name="member_merged_from_a_year",
                violation_error_message=_("A merge has its first year."),
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("pk")),
                name="member_merged_into_another",
                violation_error_message=_("Choose two members."),
            ),
            models.CheckConstraint(
                condition=Q(full_member_on__isnull=True)
                | Q(joined_on__isnull=True)
                | Q(full_member_on__gte=F("joined_on")),
                name="member_is_full_after_joining",
                violation_error_message=_("Nobody is a full member before joining the Party."),
            ),
        ]
        indexes = [
            GinIndex(fields=["name"], name="member_name_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(
                fields=["name_initials"],
                name="member_initials_prefix",
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_resident_id(self) -> str:
        """The ID number, masked for display."""
        return mask_resident_id(decrypt(self.resident_id_encrypted))

    @property
    def masked_phone(self) -> str:
        """The phone, masked for display."""
        return mask_phone(self.phone)


class Membership(VersionedModel):
    """A member belongs to an organisation during a period, with one membership status."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("Party organisation"),
    )
    membership_status = models.CharField(
        _("standing"), max_length=20, choices=MembershipStatus, default=MembershipStatus.NORMAL
    )
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            ExclusionConstraint(
                name="membership_one_at_a_time",
                violation_error_message=_(
                    "This member belongs somewhere on some of these days: end that one first."
                ),
                expressions=[("member", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.organisation}"


class Post(VersionedModel):
    """A post held in an organisation during a period."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="posts", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="posts",
        verbose_name=_("Party organisation"),
    )
    kind = models.CharField(_("post"), max_length=20, choices=PostKind)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            ExclusionConstraint(
                name="post_once_at_a_time",
                violation_error_message=_(
                    "This member holds this post there on some of these days already."
                ),
                expressions=[
                    ("member", SAME),
                    ("organisation", SAME),
                    ("kind", SAME),
                    ("period", OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_kind_display()}"


class Exemption(VersionedModel):
    """Nothing is owed for these months (Regulation art. 23); visits are recorded instead."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="exemptions", verbose_name=_("member")
    )
    category = models.CharField(
        pgettext_lazy("of an exemption", "category"), max_length=20, choices=ExemptionCategory
    )
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        constraints = [
            ExclusionConstraint(
                name="exemption_one_at_a_time",
                violation_error_message=_("This member is exempt on some of these days already."),
                expressions=[("member", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_category_display()}"


class MemberMerge(models.Model):
    """Two rows of one person become one after another officer has checked them; can be undone.

    `ended` stores what is needed to undo it: the account of the row given up, the fields filled in
    at the row that remains, and what higher apps moved. The row that remains holds hours and facts
    of both from `first_year` on; since the merge was undone, until `until_year`, because years that
    were closed by then stay as they are.
    """

    kept = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("kept")
    )
    given_up = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("given up")
    )
    state = models.CharField(
        _("state"), max_length=12, choices=MergeState, default=MergeState.PROPOSED
    )
    reason = models.CharField(_("reason"), max_length=200)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    undone_at = models.DateTimeField(_("taken apart at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken apart by"),
    )
    undo_reason = models.CharField(
        _("reason of taking apart"), max_length=200, blank=True, default="", db_default=""
    )
    ended = models.JSONField(default=dict, editable=False)
    first_year = models.PositiveSmallIntegerField(
        _("first year held together"), null=True, editable=False
    )
    until_year = models.PositiveSmallIntegerField(
        _("held apart again from the year"), null=True, editable=False
    )

    class Meta:
        verbose_name = _("merge of members")
        verbose_name_plural = _("merges of members")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("given_up")), name="member_merge_of_two"),
            models.UniqueConstraint(
                fields=["given_up"],
                condition=Q(state__in=[MergeState.PROPOSED, MergeState.DONE]),
                name="member_merge_once",
                violation_error_message=_("A merge of this member is proposed or done already."),
            ),
            # In either order.
            models.UniqueConstraint(
                Least("kept", "given_up"),
                Greatest("kept", "given_up"),
                condition=Q(state__in=[MergeState.PROPOSED, MergeState.DONE]),
                name="member_merge_once_per_pair",
                violation_error_message=_("A merge of these two is proposed or done already."),
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")),
                name="member_merge_by_two_people",
                violation_error_message=_("Somebody else decides on what was proposed."),
            ),
            models.CheckConstraint(
                condition=Q(state=MergeState.PROPOSED, decided_at__isnull=True)
                | (~Q(state=MergeState.PROPOSED) & Q(decided_at__isnull=False)),
                name="member_merge_decision_is_dated",
            ),
            models.CheckConstraint(
                condition=(Q(state=MergeState.UNDONE, undone_at__isnull=False) & ~Q(undo_reason=""))
                | (~Q(state=MergeState.UNDONE) & Q(undone_at__isnull=True)),
                name="member_merge_undoing_is_dated_and_reasoned",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="member_merge_has_reason"),
            models.CheckConstraint(
                condition=Q(until_year__isnull=True)
                | Q(first_year__isnull=False, until_year__gte=F("first_year")),
                name="member_merge_ends_after_its_first_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_up} → {self.kept}"
