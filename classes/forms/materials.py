"""The form for a file of a class."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from classes.models.materials import LONGEST_MATERIAL_TITLE
from config.lib.resident_ids import holds_resident_id

# For the file picker; the server checks the content.
ACCEPTED = ".pdf,.docx,.pptx,image/jpeg,image/png,image/webp"


class MaterialForm(IdempotentForm):
    """One file, and its title in the list."""

    upload = forms.FileField(
        label=gettext_lazy("File"),
        error_messages={"required": gettext_lazy("Choose a file first.")},
        help_text=gettext_lazy("PDF, .docx, .pptx or a picture (JPEG, PNG, WebP), at most 15 MB."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    title = forms.CharField(
        label=gettext_lazy("Title in the list"),
        max_length=LONGEST_MATERIAL_TITLE,
        required=False,
        help_text=gettext_lazy("Left empty, the name of the file."),
    )

    def clean_upload(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["upload"]
        _refuse_id_number(upload.name or "")
        return upload

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        _refuse_id_number(title)
        return title


def _refuse_id_number(text: str) -> None:
    """Raise ValidationError for an ID number: the list and the audit trail show titles and file
    names.
    """
    if holds_resident_id(text):
        raise forms.ValidationError(_("An ID number does not belong here."), code="id_number")
