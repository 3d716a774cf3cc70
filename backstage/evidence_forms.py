"""The form to upload evidence files, several at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from backstage.enums import FileKind
from backstage.forms import IdempotentForm

# Offered by the file picker; the content decides what is accepted.
_PICTURES = "image/jpeg,image/png,image/webp"


class ManyFilesInput(forms.FileInput):
    """A file picker for several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if isinstance(files, MultiValueDict) else files.get(name)


class ManyFilesField(forms.FileField):
    """Several files, each validated; the form decides whether any are required."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(ManyFilesField, self).clean(file, initial) for file in data or []]


class FilesForm(IdempotentForm):
    """Evidence files for a study, with one field per kind. All chosen files are sent together."""

    use_required_attribute = False  # one file is enough

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        kinds: Collection[FileKind],
        may_be_empty: bool = False,
    ) -> None:
        super().__init__(data, files, auto_id="id_files_%s")
        self.kinds, self.may_be_empty = kinds, may_be_empty
        limit = {
            "data-most": settings.UPLOAD_MAX_BYTES,
            "data-too-large": say_too_large(),
        }
        for kind in kinds:
            self.fields[kind.value] = ManyFilesField(
                label=kind.label,
                widget=ManyFilesInput(limit | {"data-shrink": True, "accept": _accepted(kind)}),
                help_text=_("JPEG, PNG or WebP, at most 10 MB each and 20 MB at a time.")
                if kind == FileKind.PHOTO
                else _("A photograph of it or a PDF, at most 10 MB; 20 MB with the others."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.may_be_empty and not self.is_chosen:
            self.add_error(next(iter(self.kinds)).value, _("Choose a file first."))
        return cleaned

    @property
    def is_chosen(self) -> bool:
        """Whether any file was sent."""
        return any(self.files.getlist(kind.value) for kind in self.kinds)

    def ask_again(self) -> None:
        """Say that files were chosen which the browser forgets with the page."""
        kind = next(kind for kind in self.kinds if self.files.getlist(kind.value))
        self.add_error(kind.value, _("Choose the files again: browsers forget them."))

    def read(self) -> list[tuple[FileKind, str, bytes]]:
        """The files of the valid form: kind, name and content."""
        return [
            (kind, file.name, file.read())
            for kind in self.kinds
            for file in self.cleaned_data[kind]
        ]


def say_too_large() -> str:
    """What to do about files that are too large together."""
    text = _("These photographs are more than %(n)d MB together. Choose fewer at a time.")
    return text % {"n": settings.UPLOAD_MAX_BYTES // 1024**2}


def _accepted(kind: FileKind) -> str:
    return _PICTURES if kind == FileKind.PHOTO else f"{_PICTURES},application/pdf"
