"""What a member types on the page of those who issue their slip."""

from django import forms
from django.utils.translation import gettext_lazy


class OwnPasswordForm(forms.Form):
    """The present password of the member; without it a second person confirms the slip."""

    own_password = forms.CharField(
        label=gettext_lazy("Present password of the member"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "If the member is here and still knows it, they type it themselves, and the slip is "
            "issued at once. Leave it empty otherwise."
        ),
    )
