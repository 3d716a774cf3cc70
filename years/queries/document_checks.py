"""Consistency checks of issued documents and letters of appointment."""

from hours.source_kinds import Check
from instructors import letters
from instructors.models import IssuedLetter
from years.documents import is_intact
from years.models import IssuedDocument

DOCUMENTS_AT_ONCE = 2000


def _broken_documents() -> list[int]:
    documents = IssuedDocument.objects.order_by("pk").iterator(DOCUMENTS_AT_ONCE)
    return [document.pk for document in documents if not is_intact(document)]


def _broken_letters() -> list[int]:
    papers = IssuedLetter.objects.order_by("pk").iterator(DOCUMENTS_AT_ONCE)
    return [paper.pk for paper in papers if not letters.is_intact(paper)]


DOCUMENT_CHECKS: dict[str, Check] = {
    "numbers of issued documents run on without a gap": """
        SELECT max(id) FROM years_issueddocument GROUP BY number_year
        HAVING max(serial) <> count(*) OR bool_or(
            number NOT LIKE '%-' || number_year || '-' || to_char(serial, 'FM000000'))
    """,
    "versions of issued documents follow one another": """
        SELECT max(id) FROM years_issueddocument GROUP BY member_id, credit_year, kind
        HAVING max(version) <> count(*)
    """,
    "issued documents say what was sealed": _broken_documents,
    "versions of letters of appointment follow one another": """
        SELECT max(id) FROM instructors_issuedletter GROUP BY letter_id
        HAVING max(version) <> count(*)
    """,
    "letters of appointment say what was sealed": _broken_letters,
}
