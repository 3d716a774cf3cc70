"""Files of teaching material: which kinds are taken, and the copy that is stored."""

from __future__ import annotations

from pathlib import PurePath

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.evidence_files import Copy, name_file, refuse_id_in_name
from backstage.files import FileError
from config.lib.office_files import OfficeFileError, detect_office_file
from config.lib.pdf_files import MEDIA_TYPE as PDF
from config.lib.pdf_files import PdfError, is_pdf
from config.lib.pictures import MEDIA_TYPE, PictureError, copy_picture

LONGEST_MATERIAL_TITLE = 100
MOST_MATERIAL_BYTES = 15 * 1024 * 1024


def copy_material(data: bytes, name: str) -> Copy:
    """The copy of a file to store; its content decides: PDF, .docx, .pptx, or a re-encoded picture.

    Raises FileError.
    """
    if len(data) > MOST_MATERIAL_BYTES:
        message = _("%(name)s is larger than %(n)d MB.")
        raise FileError(message % {"name": name, "n": MOST_MATERIAL_BYTES // 1024**2})
    refuse_id_in_name(name)
    what = gettext_lazy("material")
    try:
        if is_pdf(data):
            return Copy(data, name_file(what, data, "pdf"), PDF)
        office = detect_office_file(data)
        if office is not None:
            ending, media_type = office
            return Copy(data, name_file(what, data, ending), media_type)
        none = _("This is no PDF, .docx, .pptx or photograph (JPEG, PNG, WebP).")
        copy = copy_picture(data, otherwise=none)
        return Copy(copy, name_file(what, data, "jpg"), MEDIA_TYPE)
    except (OfficeFileError, PdfError, PictureError) as error:
        message = _("%(name)s: %(problem)s")
        raise FileError(message % {"name": name, "problem": error}) from error


def title_of(name: str) -> str:
    """The title of a material that has none, from the name of its file."""
    return PurePath(name.replace("\0", "")).stem[:LONGEST_MATERIAL_TITLE].strip() or "file"
