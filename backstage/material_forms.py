"""The form for a file of teaching material."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from backstage.material_files import LONGEST_MATERIAL_TITLE

# For the file picker; the server checks the content.
ACCEPTED = ".pdf,.docx,.pptx,image/jpeg,image/png,image/webp"


class MaterialForm(IdempotentForm):
    """One file, and its title in the list. The audit trail shows its title and name too."""

    refused_at = "upload"

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
        without_resident_id(upload.name or "")
        return upload

    def clean_title(self) -> str:
        return without_resident_id(self.cleaned_data["title"])
