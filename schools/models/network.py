from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import ADMINISTRATOR_ROLES, DERIVED_ROLES, MONEY_ROLES, SCHOOL_ROLES, Role
from config.lib.append_only import AppendOnlyModel
from config.lib.names import pinyin_forms
from config.lib.periods import DIFFERENT, OVERLAPS, SAME, LocalDate, PeriodField
from schools.enums import FundingChannel, OrganisationKind, SchoolOffice, SuccessionKind
from schools.querysets import (
    OrganisationQuerySet,
    PlacementQuerySet,
    RoleGrantQuerySet,
    SchoolQuerySet,
)

digits = RegexValidator(r"^\d+$", _("Digits only."))
validate_telephone = RegexValidator(
    r"^[\d +-]{5,}$", _("Digits, spaces and hyphens only, as in 022-27391234.")
)


class District(models.Model):
    """The only district of this database (several districts would be several schemas)."""

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
    """A township or subdistrict, with its code from the national division tables."""

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
    """A township Party school. `SchoolArea` says which townships it serves, and when."""

    code = models.CharField(_("code"), max_length=9, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40, unique=True)
    signature = models.CharField(
        _("signature"),
        max_length=60,
        blank=True,
        help_text=_("One town, one school, one signature."),
    )
    office = models.CharField(_("office"), max_length=60, blank=True)
    telephone = models.CharField(
        _("telephone"), max_length=30, blank=True, validators=[validate_telephone]
    )
    address = models.CharField(_("postal address"), max_length=120, blank=True)
    period = PeriodField(_("period"))
    # The school that keeps the records of this school after its end; after several mergers, the
    # last one. `SchoolSuccession` has the history.
    taken_over_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("taken over by"),
    )

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("township Party school")
        verbose_name_plural = _("township Party schools")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_over_by=None)
                | Q(period__endswith__isnull=False) & ~Q(taken_over_by=F("id")),
                name="school_taken_over_has_ended",
                violation_error_message=_("Only a school that ends is taken over by another one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SchoolArea(models.Model):
    """A township's members study at this school during this period.

    Opening or merging schools changes these rows; the rows of earlier days stay.
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


class SchoolOfficer(models.Model):
    """Who holds an office of a school, and when. Stored by name, since not all have an account."""

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="officers", verbose_name=_("school")
    )
    office = models.CharField(
        pgettext_lazy("held by a person", "office"), max_length=30, choices=SchoolOffice
    )
    name = models.CharField(_("name"), max_length=80)
    telephone = models.CharField(
        _("telephone"), max_length=30, blank=True, validators=[validate_telephone]
    )
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("officer of a school")
        verbose_name_plural = _("officers of schools")
        ordering = ["school__code", "office", "period"]
        constraints = [
            ExclusionConstraint(
                name="school_officer_one_at_a_time",
                violation_error_message=_(
                    "Somebody holds this office on some of these days: choose a later day."
                ),
                expressions=[("school", SAME), ("office", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_office_display()}: {self.name}"


class GuidanceNote(AppendOnlyModel):
    """A liaison officer's note on a school. A correction is a separate note shown beside it."""

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="guidance_notes", verbose_name=_("school")
    )
    noted_on = models.DateField(_("date"))
    topic = models.CharField(_("topic"), max_length=100)
    text = models.TextField(_("text"), max_length=2000)
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="correction",
        verbose_name=_("corrects"),
    )
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
    )

    class Meta:
        verbose_name = _("guidance note")
        verbose_name_plural = _("guidance notes")
        ordering = ["-noted_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(noted_on__lte=LocalDate("written_at")),
                name="guidance_note_is_not_ahead",
                violation_error_message=_("A note is about a day that has come."),
            ),
        ]

    def __str__(self) -> str:
        return self.topic


class Organisation(models.Model):
    """A Party organisation: district committee → committee → general branch → branch.

    `Placement` says where it is in the tree, and when.
    """

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[digits])
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100)
    name_pinyin = models.CharField(max_length=700, editable=False)
    name_initials = models.CharField(max_length=200, editable=False)
    kind = models.CharField(_("level"), max_length=20, choices=OrganisationKind)
    period = PeriodField(_("period"))

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Party organisation")
        verbose_name_plural = _("Party organisations")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the row with the columns derived from the name."""
        self.name_pinyin, self.name_initials = pinyin_forms(self.name)
        super().save(*args, **kwargs)


class NameChange(models.Model):
    """From this day on the organisation has this name.

    `Organisation.name` is today's name; a later change is applied on its day.
    """

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="name_changes",
        verbose_name=_("Party organisation"),
    )
    takes_effect_on = models.DateField(_("from the day"))
    former_name = models.CharField(_("former name"), max_length=100)
    name = models.CharField(_("new name"), max_length=100)

    class Meta:
        verbose_name = _("change of name")
        verbose_name_plural = _("changes of names")
        ordering = ["organisation__code", "takes_effect_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "takes_effect_on"],
                name="name_change_once_a_day",
                violation_error_message=_("The name changes on this day already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.former_name} → {self.name}"


class Placement(models.Model):
    """An organisation is below this one, in this township, during this period.

    A move changes these rows; figures for a past day use the place on that day.
    """

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=_("Party organisation"),
    )
    parent = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements_below",
        verbose_name=_("higher organisation"),
    )
    township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=_("township"),
    )
    village = models.ForeignKey(
        Village,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=_("village or community"),
    )
    period = PeriodField(_("period"))

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in the tree")
        verbose_name_plural = _("places in the tree")
        ordering = ["organisation__code", "period"]
        constraints = [
            ExclusionConstraint(
                name="placement_one_at_a_time",
                violation_error_message=_(
                    "This organisation has a place on some of these days: end that one first."
                ),
                expressions=[("organisation", SAME), ("period", OVERLAPS)],
            ),
            ExclusionConstraint(
                name="placement_one_top_at_a_time",
                violation_error_message=_(
                    "Every organisation but the district committee names a higher one."
                ),
                expressions=[("period", OVERLAPS)],
                condition=Q(parent__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, township__isnull=True, village__isnull=True)
                | Q(parent__isnull=False, township__isnull=False),
                name="placement_below_the_top_has_township",
                violation_error_message=_(
                    "Every organisation below the district committee names its township."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("organisation")),
                name="placement_is_not_below_itself",
                violation_error_message=_("An organisation is not its own higher organisation."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.parent}" if self.parent else str(self.organisation)


class Succession(models.Model):
    """From this day on the successor continues the former body, in full or in part."""

    kind = models.CharField(
        pgettext_lazy("of a thing", "kind"), max_length=10, choices=SuccessionKind
    )
    takes_effect_on = models.DateField(_("from the day"))

    class Meta:
        abstract = True
        ordering = ["takes_effect_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(former=F("successor")),
                name="%(class)s_joins_two",
                violation_error_message=_("Nothing goes over into itself."),
            ),
            models.UniqueConstraint(
                fields=["former"],
                condition=Q(kind=SuccessionKind.MERGER),
                name="%(class)s_merger_once",
                violation_error_message=_("It went over into another one already."),
            ),
            models.UniqueConstraint(
                fields=["former", "successor"],
                condition=Q(kind=SuccessionKind.SPLIT),
                name="%(class)s_split_once",
                violation_error_message=_("This split is recorded already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.former} → {self.successor}"  # type: ignore[attr-defined]


class OrganisationSuccession(Succession):
    """An organisation that merged into another, or from which another split off."""

    former = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("former")
    )
    successor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("successor")
    )

    class Meta(Succession.Meta):
        verbose_name = _("merger or split of an organisation")
        verbose_name_plural = _("mergers and splits of organisations")


class SchoolSuccession(Succession):
    """A school that merged into another, or that gave a part of its area to another."""

    former = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("former")
    )
    successor = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("successor")
    )

    class Meta(Succession.Meta):
        verbose_name = _("merger or split of a school")
        verbose_name_plural = _("mergers and splits of schools")


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

    Its scope is the whole district, one school, one organisation (community organisation
    commissioner), or one school's money of one channel.
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
        _("channel"), max_length=10, choices=FundingChannel, blank=True, default="", db_default=""
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
        return " · ".join([f"{self.user}: {self.get_role_display()}", *self.scope])

    @property
    def scope(self) -> list[str]:
        """The scope of the role in words; empty for the whole district."""
        return [
            str(part)
            for part in (self.school, self.organisation, self.get_channel_display())
            if part
        ]
