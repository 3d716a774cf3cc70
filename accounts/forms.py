"""Forms to sign in, to activate an account and to change a password."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UsernameField,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.codes import clean_code
from accounts.guessing import GUESSES_ALLOWED, WAIT_MINUTES
from accounts.models import User
from config.lib.resident_ids import holds_resident_id

# A phone has 11 digits and a member number at most 12. More digits are an ID number, perhaps an old
# one of 15 digits or a mistyped one.
TOO_MANY_DIGITS = re.compile(r"\d{15}")


type PasswordTrial = Callable[[str, str], User | None]


class SignInForm(AuthenticationForm):
    """Phone, member number or sign-in name, and the password.

    An ID number is refused before any look-up. `try_password(name, password)` finds the account
    and counts what is wrong.
    """

    username = UsernameField(
        label=_("Phone or member number"),
        help_text=_("Staff type their sign-in name. Never type an ID number."),
        max_length=32,
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, try_password: PasswordTrial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.try_password = try_password

    def clean_username(self) -> str:
        return clean_login_name(self)

    def clean(self) -> dict[str, Any]:
        name, password = (self.cleaned_data.get(key) for key in ("username", "password"))
        if name and password:
            self.user_cache = self.try_password(name, password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
        return self.cleaned_data

    def get_invalid_login_error(self) -> ValidationError:
        """One message for all reasons, so that it does not reveal who has an account."""
        return ValidationError(
            _(
                "The name or the password is wrong. After %(limit)s wrong passwords in a row "
                "sign-in is locked for %(minutes)s minutes."
            ),
            code="invalid_login",
            params={"limit": GUESSES_ALLOWED, "minutes": WAIT_MINUTES},
        )


class SecondFactorForm(forms.Form):
    """A code of the second factor."""

    code = forms.CharField(
        label=_("One-time code"),
        help_text=_("The six digits that the app shows now."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"spellcheck": "false", "autocomplete": "one-time-code", "autofocus": True}
        ),
    )


class CodeForm(forms.Form):
    """The first step of an activation: the person's number or name and the code on the slip."""

    username = UsernameField(
        label=_("Phone or member number"),
        help_text=_(
            "The member number stands on the slip. Staff type their sign-in name. Never type an ID "
            "number."
        ),
        max_length=32,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "username"}),
    )
    code = forms.CharField(
        label=_("Code on the slip"),
        help_text=_("10 letters and digits. Capitals, hyphen and spaces do not matter."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"spellcheck": "false", "autocomplete": "off", "autocapitalize": "characters"}
        ),
    )

    def clean_username(self) -> str:
        return clean_login_name(self)

    def clean_code(self) -> str:
        return clean_code(self.cleaned_data["code"])


class ActivationForm(SetPasswordForm):
    """Confirms the privacy notice and sets a password, typed twice. The action saves it."""

    has_read = forms.BooleanField(
        label=_("I have read the privacy notice"),
        error_messages={"required": _("Read the notice, then tick this box.")},
    )
    field_order = ("has_read", "new_password1", "new_password2")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        prepare_new_passwords(self)

    def validate_password_for_user(self, user: Any, *_: Any, **__: Any) -> None:
        """Show password errors at the first password field, not at its repetition."""
        super().validate_password_for_user(user, "new_password1")


def clean_login_name(form: forms.Form) -> str:
    """The typed `username` without the spaces that people put into numbers.

    Raises ValidationError for an ID number.
    """
    typed = "".join(form.cleaned_data["username"].split())
    plain = re.sub(r"[\W_]", "", typed)
    if holds_resident_id(plain) or TOO_MANY_DIGITS.search(plain):
        # Nor is it sent back: the page may be open in an office.
        form.data = dict(form.data.items()) | {form.add_prefix("username"): ""}
        raise ValidationError(
            _("Do not sign in with an ID number. Type your phone or member number."),
            code="id_number",
        )
    return typed


def prepare_new_passwords(form: forms.Form) -> None:
    """Set our labels for Django's two fields of a new password."""
    new, again = form.fields["new_password1"], form.fields["new_password2"]
    new.label, again.label = _("New password"), _("New password again")
    new.help_text = _("At least 10 characters, not only digits, and not a common password.")
    again.help_text = ""
    # If there is an error summary, it takes the focus.
    new.widget.attrs.pop("autofocus", None)


class PasswordForm(PasswordChangeForm):
    """The current password and a new one, typed twice. The action saves it.

    `is_own(password)` compares the current one and counts wrong ones.
    """

    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": _("The current password is wrong."),
    }

    def __init__(self, user: Any, *args: Any, is_own: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.is_own = is_own
        prepare_new_passwords(self)
        current = self.fields["old_password"]
        current.label = _("Current password")
        current.widget.attrs.pop("autofocus", None)

    def validate_password_for_user(self, user: Any, *_: Any, **__: Any) -> None:
        """Show password errors at the first password field, not at its repetition."""
        super().validate_password_for_user(user, "new_password1")

    def clean_old_password(self) -> str:
        typed: str = self.cleaned_data["old_password"]
        if not self.is_own(typed):
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return typed
