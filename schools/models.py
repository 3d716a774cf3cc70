from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import ADMINISTRATOR_ROLES, DERIVED_ROLES, MONEY_ROLES, SCHOOL_ROLES, Role
from config.lib.periods import DIFFERENT, OVERLAPS, SAME, PeriodField
from schools.enums import Channel, OrganisationKind
from schools.querysets import OrganisationQuerySet, RoleGrantQuerySet, SchoolQuerySet

digits = RegexValidator(r"^\d+$", _("Digits only."))


class District(models.Model):
    """The one district of this database (several districts are several schemas)."""

    code = models.CharField(_("code"), max_length=6, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("district")
        constraints = [
            models.UniqueConstraint(
                Value(1),
                name="district_is_one",
                violation_error_message=_("This database holds one district."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Township(models.Model):
    """A township or subdistrict, with its code of the national division tables."""

    code = models.CharField(_("code"), max_length=9, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40)

    class Meta:
        verbose_name = _("township or subdistrict")
        verbose_name_plural = _("townships and subdistricts")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Village(models.Model):
    """A village or community."""

    code = models.CharField(_("code"), max_length=12, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=60)
    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, related_name="villages", verbose_name=_("township")
    )

    class Meta:
        verbose_name = _("village or community")
        verbose_name_plural = _("villages and communities")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """A township Party school. Which townships it serves, and when, is `SchoolArea`."""

    code = models.CharField(_("code"), max_length=9, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40, unique=True)
    signature = models.CharField(
        _("signature"),
        max_length=60,
        blank=True,
        help_text=_("One town, one school, one signature."),
    )
    period = PeriodField(_("period"))

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("township Party school")
        verbose_name_plural = _("township Party schools")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class SchoolArea(models.Model):
    """A township's members study at this school during this period.

    Adding a school, or merging two, is an edit of these rows: the past keeps its own.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="areas", verbose_name=_("school")
    )
    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, related_name="areas", verbose_name=_("township")
    )
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("area of a school")
        verbose_name_plural = _("areas of schools")
        ordering = ["township__code"]
        constraints = [
            ExclusionConstraint(
                name="school_area_one_school_at_a_time",
                violation_error_message=_(
                    "A school serves this township on some of these days: end its period first."
                ),
                expressions=[("township", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.township} → {self.school}"


class Organisation(models.Model):
    """A Party organisation: district committee → committee → general branch → branch."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100)
    kind = models.CharField(_("level"), max_length=20, choices=OrganisationKind)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("higher organisation"),
    )
    township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("township"),
    )
    village = models.ForeignKey(
        Village,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("village or community"),
    )
    period = PeriodField(_("period"))

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Party organisation")
        verbose_name_plural = _("Party organisations")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=OrganisationKind.DISTRICT_COMMITTEE, parent__isnull=True)
                | (~Q(kind=OrganisationKind.DISTRICT_COMMITTEE) & Q(parent__isnull=False)),
                name="organisation_only_district_has_no_parent",
                violation_error_message=_(
                    "Every organisation but the district committee names a higher one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind=OrganisationKind.DISTRICT_COMMITTEE) | Q(township__isnull=False),
                name="organisation_below_district_has_township",
                violation_error_message=_(
                    "Every organisation below the district committee names its township."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="organisation_is_not_its_own_parent",
                violation_error_message=_("An organisation is not its own higher organisation."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


_WITHOUT_SCOPE = Q(school__isnull=True, organisation__isnull=True, channel="")
_SCOPE_FITS_ROLE = (
    Q(role__in=sorted(SCHOOL_ROLES), school__isnull=False, organisation__isnull=True, channel="")
    | Q(
        role=Role.ORGANISATION_COMMISSIONER,
        school__isnull=True,
        organisation__isnull=False,
        channel="",
    )
    | Q(role__in=sorted(MONEY_ROLES), school__isnull=False, organisation__isnull=True)
    & ~Q(channel="")
    | ~Q(role__in=sorted(SCHOOL_ROLES | {Role.ORGANISATION_COMMISSIONER})) & _WITHOUT_SCOPE
)
_NO_KEY = Value(0, models.BigIntegerField())


class RoleGrant(models.Model):
    """A role held by a person during a period.

    It holds in the whole district, at one school, in one organisation (community organisation
    commissioner), or for one school's money of one channel.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="role_grants",
        verbose_name=_("account"),
    )
    role = models.CharField(_("role"), max_length=30, choices=Role)
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="role_grants",
        verbose_name=_("school"),
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="role_grants",
        verbose_name=_("Party organisation"),
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel, blank=True, default="", db_default=""
    )
    period = PeriodField(_("period"))

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.CheckConstraint(
                condition=_SCOPE_FITS_ROLE,
                name="role_grant_scope_fits_role",
                violation_error_message=_(
                    "School roles name their school, a community organisation commissioner the "
                    "organisation, and roles of money a school with its channel or neither; all "
                    "other roles name none of these."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(DERIVED_ROLES)),
                name="role_grant_is_not_derived",
                violation_error_message=_(
                    "To be a member, a branch secretary or a lecturer is not granted as a role."
                ),
            ),
            ExclusionConstraint(
                name="role_grant_one_administrator_role",
                violation_error_message=_(
                    "System, security and audit administrator are three different people."
                ),
                expressions=[("user", SAME), ("role", DIFFERENT), ("period", OVERLAPS)],
                condition=Q(role__in=sorted(ADMINISTRATOR_ROLES)),
            ),
            ExclusionConstraint(
                name="role_grant_one_money_role",
                violation_error_message=_(
                    "Custodian, approver, payer and auditor are different people."
                ),
                expressions=[("user", SAME), ("role", DIFFERENT), ("period", OVERLAPS)],
                condition=Q(role__in=sorted(MONEY_ROLES)),
            ),
            ExclusionConstraint(
                name="role_grant_once_at_a_time",
                violation_error_message=_(
                    "This person holds this role on some of these days already."
                ),
                expressions=[
                    ("user", SAME),
                    ("role", SAME),
                    (Coalesce("school_id", _NO_KEY), SAME),
                    (Coalesce("organisation_id", _NO_KEY), SAME),
                    ("channel", SAME),
                    ("period", OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        scope = (self.school, self.organisation, self.get_channel_display())
        return " · ".join(
            [f"{self.user}: {self.get_role_display()}", *(str(s) for s in scope if s)]
        )
