from importlib import import_module

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.codes import WRONG_TRIES_ALLOWED
from accounts.enums import (
    ActorChannel,
    CodeEnd,
    CodeKind,
    FactorEnd,
    GuessKind,
    SignedActKind,
)
from accounts.querysets import (
    ActivationCodeQuerySet,
    AuditEntryQuerySet,
    PrivacyNoticeQuerySet,
    SlipBatchQuerySet,
    UserManager,
)
from accounts.validators import validate_login_name, validate_phone
from config.lib.append_only import AppendOnlyModel
from config.lib.periods import local_date


class User(AbstractBaseUser):
    """One person's account. Its rights follow from roles (`schools.RoleGrant`)."""

    unchained_columns = ("last_login", "session_epoch")

    username = models.CharField(
        _("sign-in name"), max_length=32, unique=True, validators=[validate_login_name]
    )
    phone = models.CharField(
        _("phone"), max_length=11, blank=True, null=True, unique=True, validators=[validate_phone]
    )
    display_name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)
    joined_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    has_unseen_slip = models.BooleanField(
        _("has not seen yet that a slip was issued"),
        default=False,
        db_default=False,
        editable=False,
    )
    session_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(username__regex=r"^\d{17}[\dXx]$"),
                name="user_name_is_no_id_number",
                violation_error_message=_("An ID number is never a sign-in name."),
            ),
            models.CheckConstraint(
                condition=~Q(username__regex=r"^1\d{10}$"),
                name="user_name_is_no_phone",
                violation_error_message=_(
                    "A phone goes into its own field; the sign-in name is another one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^1\d{10}$"),
                name="user_phone_is_mobile",
                violation_error_message=_("A mobile number has 11 digits and begins with 1."),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """The hash in each session: a new password or a new `session_epoch` ends them all."""
        text = f"{self.session_epoch}:{self.password}"
        digest = salted_hmac("accounts.session", text, secret=secret, algorithm="sha256")
        return digest.hexdigest()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """No model permissions: roles decide (deny by default)."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """No model permissions: roles decide (deny by default)."""
        return False


class BrowserSession(AbstractBaseSession):
    """A browser's session data, and the account that it uses.

    The signed session data is authoritative for the account; this column only serves the join that
    reads both (`accounts.sessions`).
    """

    unchained_because = "It is there while somebody is signed in."

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        related_name="browser_sessions",
        verbose_name=_("account"),
        db_constraint=False,  # Django tries keys until a session can be stored
    )

    class Meta:
        verbose_name = _("browser session")
        verbose_name_plural = _("browser sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """The store of the engine in SESSION_ENGINE, which itself needs this model."""
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class AuditEntry(AppendOnlyModel):
    """Who did what to which object, when and from where. Personal fields are masked first.

    `digest` is a keyed hash of the row (`accounts.audit`). It reveals changes made outside the
    application.
    """

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("actor")
    )
    actor_name = models.CharField(_("actor's name"), max_length=80)
    channel = models.CharField(_("by way of"), max_length=10, choices=ActorChannel)
    address = models.GenericIPAddressField(_("address"), null=True)
    act = models.CharField(_("act"), max_length=60)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("object number"), max_length=40)
    object_label = models.CharField(_("object"), max_length=200)
    school_code = models.CharField(_("school code"), max_length=12, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    digest = models.CharField(max_length=64, editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor__isnull=False) | Q(channel__in=["command", "task", "stranger"]),
                name="audit_entry_names_who_acted",
            ),
        ]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_entry_object"),
            models.Index(fields=["-at"], name="audit_entry_at"),
            models.Index(fields=["actor", "-at"], name="audit_entry_actor"),
            models.Index(fields=["actor_name", "-at"], name="audit_entry_name_then"),
            models.Index(fields=["act", "-at"], name="audit_entry_act"),
            models.Index(fields=["object_id"], name="audit_entry_number"),
            GinIndex(
                fields=["object_label"], name="audit_entry_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.object_label}"


class WrittenRows(AppendOnlyModel):
    """The rows of one table that one statement wrote, with a digest of each.

    Written by triggers (`accounts.chain.triggers`), at most some thousand rows at a time. `change`
    is the first letter of INSERT, UPDATE or DELETE, or S where all rows of the table were taken
    stock of.
    """

    unchained_because = "It is the chain itself."

    act = models.BigIntegerField(_("act"))
    in_table = models.CharField(_("table"), max_length=63)
    change = models.CharField(_("change"), max_length=1)
    columns = models.TextField(_("columns"))
    keys = ArrayField(models.BigIntegerField(), verbose_name=_("keys"))
    digests = ArrayField(models.BinaryField(), verbose_name=_("digests"))

    class Meta:
        verbose_name = _("written rows")
        verbose_name_plural = _("written rows")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(change__in=["I", "U", "D", "S"]), name="written_rows_change"
            ),
        ]
        indexes = [
            models.Index(fields=["act"], name="written_rows_act"),
            models.Index(fields=["in_table", "id"], name="written_rows_table"),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.in_table}"


class SignedAct(AppendOnlyModel):
    """The rows that one transaction wrote, signed as its last step (`accounts.chain.signing`).

    `digest` is SHA-256 over its `statements` rows of `WrittenRows`, `signature` is keyed.
    """

    unchained_because = "It is the chain itself."

    number = models.BigIntegerField(_("number"), primary_key=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SignedActKind)
    signed_at = models.DateTimeField(_("signed at"))
    statements = models.PositiveIntegerField(_("statements"))
    digest = models.CharField(_("digest"), max_length=64)
    signature = models.CharField(_("signature"), max_length=64)

    class Meta:
        verbose_name = _("signed act")
        verbose_name_plural = _("signed acts")
        ordering = ["number"]
        indexes = [models.Index(fields=["signed_at"], name="signed_act_at")]

    def __str__(self) -> str:
        return str(self.number)


class Seal(AppendOnlyModel):
    """Signed acts under one Merkle root, chained to the seal before (`accounts.chain.sealing`).

    `head` is keyed. It leaves the database, so that a tail that is cut off is missed.
    """

    unchained_because = "It is the chain itself."

    number = models.BigIntegerField(_("number"), primary_key=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    last_signed_at = models.DateTimeField(_("last act signed at"))
    acts = ArrayField(models.BigIntegerField(), verbose_name=_("acts"))
    root = models.CharField(_("root"), max_length=64)
    previous = models.CharField(_("head before"), max_length=64, blank=True)
    head = models.CharField(_("head"), max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number=1, previous="") | Q(number__gt=1) & ~Q(previous=""),
                name="seal_follows_the_one_before",
            ),
            models.UniqueConstraint(fields=["previous"], name="seal_follows_once"),
            models.CheckConstraint(condition=~Q(acts=[]), name="seal_of_acts"),
        ]
        indexes = [models.Index(fields=["last_signed_at"], name="seal_last_signed_at")]

    def __str__(self) -> str:
        return str(self.number)


class SlipBatch(models.Model):
    """Slips that were issued together and are printed on the same sheets."""

    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="slip_batches", verbose_name=_("issued by")
    )

    # The key of the form. If it is sent twice, it issues one batch and leads to the same page.
    key = models.UUIDField(_("key"))

    objects = SlipBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of slips")
        verbose_name_plural = _("batches of slips")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issued_by", "key"], name="slip_batch_key_once_per_issuer"
            ),
        ]

    def __str__(self) -> str:
        return f"{local_date(self.issued_at):%Y-%m-%d} · {self.pk}"


class ActivationCode(models.Model):
    """The single-use code on a slip, with which a person chooses a password.

    A keyed hash checks it. It is also stored encrypted while the slip may be printed again. The
    encrypted text is erased when the code ends, at the latest a day after it was issued.
    """

    unchained_because = "Codes end by themselves; issuing and using one are acts."

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="activation_codes", verbose_name=_("account")
    )
    batch = models.ForeignKey(
        SlipBatch, on_delete=models.PROTECT, related_name="codes", verbose_name=_("batch of slips")
    )
    code_fingerprint = models.CharField(max_length=64, editable=False)
    code_encrypted = models.CharField(max_length=120, blank=True, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    wrong_tries = models.PositiveSmallIntegerField(_("wrong codes typed"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.CharField(_("why it ended"), max_length=20, choices=CodeEnd, blank=True)

    objects = ActivationCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("activation code")
        verbose_name_plural = _("activation codes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at__isnull=True),
                name="activation_code_one_open_per_account",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="")
                | Q(ended_at__isnull=False) & ~Q(ended_by=""),
                name="activation_code_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(code_encrypted=""),
                name="activation_code_is_erased_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(wrong_tries__lt=WRONG_TRIES_ALLOWED)
                | Q(wrong_tries=WRONG_TRIES_ALLOWED, ended_at__isnull=False),
                name="activation_code_dies_of_wrong_tries",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class WrongCode(models.Model):
    """A wrong code, counted by kind and sender address, and deleted later.

    For IPv6, `address` is the network (`accounts.origin.counted_address`).
    """

    unchained_because = "It counts tries for some minutes."

    kind = models.CharField(
        _("kind"), max_length=10, choices=CodeKind, default=CodeKind.SLIP, db_default=CodeKind.SLIP
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("wrong code")
        verbose_name_plural = _("wrong codes")
        indexes = [
            models.Index(fields=["address", "at"], name="wrong_code_address"),
            models.Index(fields=["kind", "at"], name="wrong_code_kind"),
        ]

    def __str__(self) -> str:
        return str(self.address)


class Guess(models.Model):
    """A password or code that is being checked or was wrong; deleted later (`accounts.guessing`).

    `fingerprint` says what was guessed at, as a keyed hash: no typed name is stored. `network` is
    the sender's (`accounts.origin.counted_address`), and null for a device that is known.
    """

    unchained_because = "It counts tries for some minutes."

    kind = models.CharField(_("kind"), max_length=20, choices=GuessKind)
    fingerprint = models.CharField(max_length=64, editable=False)
    network = models.GenericIPAddressField(_("network"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")
        indexes = [
            models.Index(fields=["fingerprint", "at"], name="guess_fingerprint"),
            models.Index(fields=["network", "at"], name="guess_network"),
            models.Index(fields=["at"], name="guess_at"),
        ]

    def __str__(self) -> str:
        return gettext("a name without an account")


class SecondFactor(models.Model):
    """The app that shows an account's codes (TOTP, RFC 6238). Its secret is erased at its end."""

    unchained_columns = ("last_step",)

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="second_factors", verbose_name=_("account")
    )
    secret_encrypted = models.CharField(max_length=200, blank=True, editable=False)
    enrolled_at = models.DateTimeField(_("enrolled at"))
    # The time step of the last accepted code: no code is accepted twice.
    last_step = models.BigIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end = models.CharField(_("why it ended"), max_length=20, choices=FactorEnd, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=170, blank=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at__isnull=True),
                name="second_factor_one_open_per_account",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                name="second_factor_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(secret_encrypted=""),
                name="second_factor_is_erased_at_its_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A printed code that stands in for the app once; only a keyed hash is stored."""

    factor = models.ForeignKey(
        SecondFactor,
        on_delete=models.CASCADE,
        related_name="recovery_codes",
        verbose_name=_("second factor"),
    )
    code_fingerprint = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(
                fields=["factor", "code_fingerprint"], name="recovery_code_once_per_factor"
            ),
        ]

    def __str__(self) -> str:
        return str(self.factor)


class PrivacyNotice(models.Model):
    """A version of the privacy notice. Once published, it is shown to all and never changes."""

    version = models.PositiveSmallIntegerField(_("version"), unique=True)
    text_chinese = models.TextField(
        _("text in Chinese"),
        help_text=_("Paragraphs apart by an empty line; a line that begins with # is a heading."),
    )
    text_english = models.TextField(_("text in English"))
    published_on = models.DateField(_("published on"))

    objects = PrivacyNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy notice")
        verbose_name_plural = _("privacy notices")
        ordering = ["-version"]

    def __str__(self) -> str:
        return _("version %(version)s") % {"version": self.version}

    def paragraphs(self, language: str) -> list[tuple[bool, str]]:
        """The text in a language as paragraphs, each with a flag for headings."""
        text = self.text_english if language == "en" else self.text_chinese
        parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n")]
        return [(part.startswith("#"), part.lstrip("# ")) for part in parts if part]


class NoticeReading(AppendOnlyModel):
    """A person's confirmation, with its time, that they read a version of the privacy notice."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="notice_readings", verbose_name=_("account")
    )
    notice = models.ForeignKey(
        PrivacyNotice,
        on_delete=models.PROTECT,
        related_name="readings",
        verbose_name=_("privacy notice"),
    )
    read_at = models.DateTimeField(_("read at"))

    class Meta:
        verbose_name = _("reading of the privacy notice")
        verbose_name_plural = _("readings of the privacy notice")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "notice"], name="notice_reading_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.notice}"
