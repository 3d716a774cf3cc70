"""The public check of a document by code and name; wrong guesses are rate-limited."""

from __future__ import annotations

import hmac
import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import CodeKind
from accounts.guessing import lock_count
from accounts.models import WrongCode
from backstage.papers import fingerprint_document_code
from config.lib.encryption import keyed_hash
from config.lib.lock_classes import LockClass
from config.lib.names import name_key
from config.lib.periods import local_date
from instructors import letters
from instructors.models import IssuedLetter
from quotas import statements
from quotas.models import YearStatement
from years.documents import is_intact
from years.errors import TooManyTriesError
from years.models import IssuedDocument

# Limits on wrong guesses within these minutes: from one IP address, and from all of them.
WAIT_MINUTES = 10
TRIES_PER_ADDRESS = 10
TRIES_OF_ALL = 1000

logger = logging.getLogger(__name__)


def check_document(
    *, code: str, name: str, address: str | None, at: datetime
) -> IssuedDocument | IssuedLetter | YearStatement | None:
    """The document, letter or statement with this code and name on it, with its state; else None.

    A wrong name and an unknown code run the same statements and take the same time. Raises
    TooManyTriesError after too many wrong guesses; correct ones are not counted.
    """
    with transaction.atomic():
        _refuse_too_many(address, at)
        document = _find(fingerprint_document_code(code), local_date(at))
        stated = str(document.facts["name"]) if document else ""
        fits = hmac.compare_digest(_fingerprint(name), _fingerprint(stated))
        if document is not None and fits and not _is_intact(document):
            logger.error("Issued document %d does not fit its seal.", document.pk)
            document = None
        if document is None or not fits:
            WrongCode.objects.create(kind=CodeKind.DOCUMENT, address=address, at=at)
            logger.info("Public check of a document: no match.")
            return None
    logger.info("Public check of a document: %s.", document.state)
    return document


def _find(fingerprint: str, on: date) -> Any:
    """A document, a letter or a statement of a year by its code, with its state."""
    documents = IssuedDocument.objects.with_state()
    papers = IssuedLetter.objects.with_state(on).select_related("letter")
    document: Any = documents.filter(code_fingerprint=fingerprint).first()
    letter: Any = papers.filter(code_fingerprint=fingerprint).first()
    of_year = YearStatement.objects.with_state().filter(code_fingerprint=fingerprint)
    statement: Any = of_year.first()
    return document or letter or statement


def _is_intact(document: IssuedDocument | IssuedLetter | YearStatement) -> bool:
    if isinstance(document, YearStatement):
        return statements.is_intact(document)
    if isinstance(document, IssuedLetter):
        return letters.is_intact(document)
    return is_intact(document)


def _refuse_too_many(address: str | None, at: datetime) -> None:
    lock_count(LockClass.GUESSES_OF_NETWORK, "documents")
    since = at - timedelta(minutes=WAIT_MINUTES)
    wrong = WrongCode.objects.filter(kind=CodeKind.DOCUMENT, at__gt=since)
    if wrong.filter(address=address).count() >= TRIES_PER_ADDRESS or wrong.count() >= TRIES_OF_ALL:
        logger.warning("Public check of a document: too many tries.")
        raise TooManyTriesError(
            _("Too many tries fitted no document. Wait %(minutes)s minutes, then try again.")
            % {"minutes": WAIT_MINUTES},
            wait_seconds=WAIT_MINUTES * 60,
        )


def _fingerprint(name: str) -> str:
    """Hash a name, so that names of any length are compared in constant time."""
    return keyed_hash(name_key(name), purpose="name on a document")
