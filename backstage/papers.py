"""Papers that people keep: the PDF is stored as it was issued, its row sealed by a keyed hash.

The code stands on the paper alone; the row keeps its keyed hash, by which the public check finds it
(`docs/adr/0012-issued-documents.md`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from backstage.files import FileError, read_file, store_file
from backstage.models import StoredFile
from config.lib.documents import set_document
from config.lib.encryption import keyed_hash

MEDIA_TYPE = "application/pdf"


def fingerprint_document_code(code: str) -> str:
    """The keyed hash by which a document is looked up from its printed code."""
    return keyed_hash(code, purpose="document code")


def seal(values: Sequence[Any], purpose: str) -> str:
    """The keyed hash (HMAC-SHA-256, hex) over the whole content of a document."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return keyed_hash(text, purpose=purpose)


def make_paper(
    template: str, data: Mapping[str, Any], name: str, *, at: datetime
) -> tuple[StoredFile, str]:
    """Typeset a document and store it for good: the file, and the hash of its content.

    Raises DocumentError and FileError.
    """
    pdf = set_document(template, data)
    file = store_file(data=pdf, name=name, media_type=MEDIA_TYPE, owner=None, at=at, keep_days=None)
    return file, hash_paper(pdf)


def read_paper(file: StoredFile, file_hash: str, *, is_intact: bool = True) -> bytes:
    """The PDF as issued. Raises FileError if it is gone, or it or its row is not as issued."""
    pdf = read_file(file)
    if not hmac.compare_digest(file_hash, hash_paper(pdf)) or not is_intact:
        raise FileError(
            _("This document is not what was issued. Tell the administrator of the portal.")
        )
    return pdf


def hash_paper(pdf: bytes) -> str:
    """The hash of a PDF (SHA-256, hex)."""
    return hashlib.sha256(pdf).hexdigest()
