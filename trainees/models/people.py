"""Members, and the dated facts from which audience and requirement are derived."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_phone
from config.lib.periods import OVERLAPS, SAME, PeriodField
from config.lib.resident_ids import mask_resident_id
from config.lib.sealing import unseal
from config.lib.versions import KeptModel
from schools.models import Organisation
from trainees.enums import ExemptionCategory, PostKind, Sex, Standing
from trainees.querysets import MemberQuerySet


class Member(models.Model):
    """A Party member. The resident ID number is sealed and found by its fingerprint."""

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
    resident_id_sealed = models.CharField(max_length=120, editable=False)
    resident_id_fingerprint = models.CharField(max_length=64, editable=False)
    joined_on = models.DateField(_("joined the Party on"), null=True, blank=True)
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
        """The ID number as screens show it."""
        return mask_resident_id(unseal(self.resident_id_sealed))


class Membership(KeptModel):
    """A member belongs to an organisation during a period, in one standing."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("Party organisation"),
    )
    standing = models.CharField(
        _("standing"), max_length=20, choices=Standing, default=Standing.NORMAL
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


class Post(KeptModel):
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


class Exemption(KeptModel):
    """Nothing is owed during this period (Regulation art. 23); visits are recorded instead."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="exemptions", verbose_name=_("member")
    )
    category = models.CharField(_("category"), max_length=20, choices=ExemptionCategory)
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
