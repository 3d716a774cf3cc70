from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Channel
from accounts.querysets import AuditEntryQuerySet, UserManager
from accounts.validators import validate_login_name, validate_phone
from config.lib.append_only import AppendOnlyModel


class User(AbstractBaseUser):
    """One person's account. What it may do follows from roles (`schools.RoleGrant`)."""

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

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """No model permissions: roles decide (deny by default)."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """No model permissions: roles decide (deny by default)."""
        return False


class AuditEntry(AppendOnlyModel):
    """Who did what to which object, when and from where. Personal fields arrive masked.

    `seal` is a keyed hash over the row (`accounts.audit`), so that an edit made behind the
    application's back is detected.
    """

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("actor")
    )
    actor_name = models.CharField(_("actor's name"), max_length=80)
    channel = models.CharField(_("by way of"), max_length=10, choices=Channel)
    address = models.GenericIPAddressField(_("address"), null=True)
    act = models.CharField(_("act"), max_length=60)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("object number"), max_length=40)
    object_label = models.CharField(_("object"), max_length=200)
    school_code = models.CharField(_("school code"), max_length=12, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    seal = models.CharField(max_length=64, editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor__isnull=False) | Q(channel__in=["command", "task"]),
                name="audit_entry_names_its_actor",
            ),
        ]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_entry_object"),
            models.Index(fields=["-at"], name="audit_entry_at"),
            models.Index(fields=["actor", "-at"], name="audit_entry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.object_label}"
