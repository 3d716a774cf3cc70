"""Imports of the register: uploads, the meaning of their rows, and known column headers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from backstage.imports.reasons import format_place
from backstage.imports.sheets import Layout, place_of
from backstage.models import Job, StoredFile
from schools.enums import OrganisationKind
from schools.models import Organisation, Township
from trainees.enums import ImportState, RegisterField, RowKind
from trainees.models.people import Member


class RegisterImport(models.Model):
    """An uploaded register. It changes no member until it is applied, as a whole or not at all.

    `unchanged` has row number and member key of the rows without changes, which are most: they need
    no rows of their own. `unchanged_digest` shows whether their members are still as they were when
    compared (`trainees.imports.matching.digest_of`). `as_of` is the day of the register: transfers
    and new memberships begin on it. `problem` is empty, or a code and the values of its sentence
    (`trainees.imports.reasons`). `sheets` says which are read and which are left out
    (`backstage.imports.sheets`), `chosen_columns` what was said of columns that mean the same as
    another one of this file. The file is deleted once the import is over; the rows are deleted
    after `trainees.actions.register.KEEP_DAYS`.
    """

    unchained_because = "A file before it is applied; applying it is an act."

    file = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("file")
    )
    file_name = models.CharField(_("file name"), max_length=200)
    file_hash = models.CharField(_("hash of the file"), max_length=64)
    as_of = models.DateField(_("day of the register"))
    state = models.CharField(
        _("state"), max_length=12, choices=ImportState, default=ImportState.READING
    )
    problem = models.JSONField(_("problem"), default=list, blank=True)
    headers = models.JSONField(_("column headers"), default=list)
    header_row = models.PositiveIntegerField(_("header row"), null=True)
    sheets = models.JSONField(default=dict, db_default={}, editable=False)
    chosen_columns = models.JSONField(default=dict, db_default={}, editable=False)
    counts = models.JSONField(_("rows by kind"), default=dict)
    unchanged = models.JSONField(default=list, editable=False)
    unchanged_digest = models.CharField(
        max_length=40, blank=True, default="", db_default="", editable=False
    )
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("job")
    )
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    applied_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("applied by")
    )
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        verbose_name = _("import of the register")
        verbose_name_plural = _("imports of the register")
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ImportState.APPLIED, applied_at__isnull=False)
                | (~Q(state=ImportState.APPLIED) & Q(applied_at__isnull=True)),
                name="register_import_applied_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def layout(self) -> Layout:
        """The sheets that are read."""
        return self.sheets.get("read", [])

    @property
    def stage(self) -> str:
        """The state in words; a file with a stopped or interrupted reading is not being read."""
        is_read = self.job is not None and not self.job.is_over
        if self.state == ImportState.READING and not is_read:
            return str(_("not read to its end"))
        return str(self.get_state_display())


class RegisterRow(models.Model):
    """One row of an uploaded register, checked and compared. An empty value means no information.

    A member whom no row mentions is stored as a row of kind *missing* without a number. The ID
    number of a new member is stored here encrypted until the import is over. `changes` has [before,
    after] by field, phones masked. Each of `problems` has a field, a code and the values of its
    sentence (`trainees.imports.reasons`).
    """

    unchained_because = "A file before it is applied; applying it is an act."

    register = models.ForeignKey(
        RegisterImport,
        on_delete=models.CASCADE,
        related_name="rows",
        verbose_name=_("import of the register"),
    )
    row_number = models.PositiveIntegerField(_("row"), null=True)
    kind = models.CharField(_("kind"), max_length=12, choices=RowKind)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Party organisation"),
    )
    number = models.CharField(_("member number"), max_length=12, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    sex = models.CharField(_("sex"), max_length=1, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True)
    phone = models.CharField(_("phone"), max_length=11, blank=True)
    joined_on = models.DateField(_("joined the Party on"), null=True)
    full_member_on = models.DateField(_("full member since"), null=True)
    membership_status = models.CharField(_("standing"), max_length=20, blank=True)
    post = models.CharField(_("post"), max_length=20, blank=True)
    # Instead of `organisation`, until that is founded.
    proposal = models.ForeignKey(
        "ProposedOrganisation", on_delete=models.CASCADE, null=True, related_name="+"
    )
    resident_id_encrypted = models.CharField(max_length=120, blank=True, editable=False)
    resident_id_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    changes = models.JSONField(_("changes"), default=dict)
    problems = models.JSONField(_("problems"), default=list)

    class Meta:
        verbose_name = _("row of a register")
        verbose_name_plural = _("rows of registers")
        ordering = ["row_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "row_number"], name="register_row_once_per_import"
            ),
            models.CheckConstraint(
                condition=~Q(kind=RowKind.REFUSED) | ~Q(problems=[]),
                name="register_row_is_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind=RowKind.MISSING, row_number__isnull=True, member__isnull=False)
                | (~Q(kind=RowKind.MISSING) & Q(row_number__isnull=False)),
                name="register_row_stands_in_the_file",
            ),
        ]
        indexes = [models.Index(fields=["register", "kind", "row_number"], name="register_kind")]

    def __str__(self) -> str:
        return f"{self.register} · {self.row_number}"

    @property
    def place(self) -> int | str:
        """The row as people find it in the file: its number, and its sheet if several are read."""
        place = place_of(self.register.layout, self.row_number or 0)
        return place if isinstance(place, int) else format_place(place)


class ProposedOrganisation(models.Model):
    """An organisation that a register names and that does not exist.

    It is founded together with the import if an officer ticks it and says where it stands; never
    silently. `rows` is how many rows name it, `upper_text` what the file says of the organisation
    above it. `parent_proposal` is that organisation if it is proposed itself; then it is founded
    first, and there is no `parent`.
    """

    unchained_because = "A file before it is applied; applying it is an act."

    register = models.ForeignKey(
        RegisterImport,
        on_delete=models.CASCADE,
        related_name="proposals",
        verbose_name=_("import of the register"),
    )
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100)
    rows = models.PositiveIntegerField(_("rows"))
    upper_text = models.CharField(_("higher organisation"), max_length=100, blank=True)
    is_ticked = models.BooleanField(_("is founded"), default=False)
    code = models.CharField(_("code"), max_length=20, blank=True)
    kind = models.CharField(_("level"), max_length=20, choices=OrganisationKind, blank=True)
    parent = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("higher organisation"),
    )
    parent_proposal = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="+", editable=False
    )
    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("township")
    )

    class Meta:
        verbose_name = _("proposed organisation")
        verbose_name_plural = _("proposed organisations")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "name"], name="proposed_organisation_once_per_import"
            ),
            models.CheckConstraint(
                condition=Q(is_ticked=False)
                | (Q(parent__isnull=False) | Q(parent_proposal__isnull=False))
                & ~Q(code="")
                & ~Q(kind=""),
                name="proposed_organisation_ticked_with_its_place",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def upper_name(self) -> str:
        """The name of the higher organisation, whether it exists or is proposed."""
        return str(self.parent or self.parent_proposal)


class RegisterHeader(models.Model):
    """The meaning of an office's column header, as a person explained it once."""

    unchained_because = "It remembers what a heading means."

    text = models.CharField(_("column header"), max_length=200, unique=True)
    field = models.CharField(_("means"), max_length=20, choices=RegisterField)

    class Meta:
        verbose_name = _("column header of registers")
        verbose_name_plural = _("column headers of registers")
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text
