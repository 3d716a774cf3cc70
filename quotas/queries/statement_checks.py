"""Consistency checks of statements: what was sealed, the files, and the frozen results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from accounts.models import Seal
from backstage.files import FileError
from backstage.papers import read_paper
from hours.source_kinds import Check
from quotas.models import Reconciliation, StatementSignature, YearStatement
from quotas.queries.signing import is_as_signed
from quotas.queries.statements import figures_of
from quotas.statements import is_intact


def _statements() -> Iterator[YearStatement]:
    rows = YearStatement.objects.select_related("signature__reconciliation", "pdf", "sheet")
    yield from rows.order_by("pk").iterator(100)


def _list_broken() -> list[int]:
    return [statement.pk for statement in _statements() if not is_intact(statement)]


def _list_with_other_files() -> list[int]:
    return [statement.pk for statement in _statements() if not _opens(statement)]


def _opens(statement: YearStatement) -> bool:
    try:
        read_paper(statement.pdf, statement.pdf_hash)
        read_paper(statement.sheet, statement.sheet_hash)
    except FileError:
        return False
    return True


def _list_with_other_figures() -> list[int]:
    """The statements of which the frozen results say something else."""
    return [statement.pk for statement in _statements() if not _has_figures_of_results(statement)]


def _has_figures_of_results(statement: YearStatement) -> bool:
    """Names and codes, which order the parts, may have changed since: figures are compared."""
    found = figures_of(statement.signature.reconciliation, statement.signature.school_id)
    named = {part.get("key"): _unnamed(part) for part in statement.facts["parts"]}
    return statement.facts["sums"] == found["sums"] and named == {
        part["key"]: _unnamed(part) for part in found["parts"]
    }


def _unnamed(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "name"}


def _list_signed_otherwise() -> list[int]:
    """Signatures of other results or claims than stand there: of statements, and of held runs."""
    held = Reconciliation.objects.frozen().values("pk")
    rows = StatementSignature.objects.filter(
        Q(statement__isnull=False) | Q(reconciliation__in=held)
    )
    found = rows.select_related("reconciliation").order_by("pk").iterator(100)
    return [signature.pk for signature in found if not is_as_signed(signature)]


def _list_off_the_chain() -> list[int]:
    """The statements that name a seal of the trail which is gone, or has another head."""
    named = [
        (statement.pk, statement.seal_number, statement.chain_head)
        for statement in _statements()
        if statement.seal_number is not None
    ]
    heads = dict(
        Seal.objects.filter(number__in={number for _pk, number, _head in named}).values_list(
            "number", "head"
        )
    )
    return [pk for pk, number, head in named if heads.get(number) != head]


STATEMENT_CHECKS: dict[str, Check] = {
    "numbers of statements run on without a gap": """
        SELECT max(id) FROM quotas_yearstatement GROUP BY year HAVING max(serial) <> count(*)
    """,
    "statements say what was sealed": _list_broken,
    "files of statements are what was issued": _list_with_other_files,
    "figures of statements are those of the frozen results": _list_with_other_figures,
    "signatures of statements are of what stands there": _list_signed_otherwise,
    "statements name the head of the trail": _list_off_the_chain,
    "statements are signed and countersigned by two people": """
        SELECT y.id FROM quotas_yearstatement y
        JOIN quotas_statementsignature s ON s.id = y.signature_id
        WHERE s.signed_by_id <> y.signed_by_id OR y.signed_by_id = y.issued_by_id
    """,
}
