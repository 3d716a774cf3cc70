"""Access to a member's record by other users, from the audit trail, as shown to the member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.audit_labels import act_label
from accounts.models import AuditEntry, User
from accounts.roles import format_roles
from trainees.models import Member
from years.enums import DocumentKind
from years.models import IssuedDocument

ACCESS_ACTS = (
    "look_up_member",
    "look_up_hours",
    "export_hours",
    "look_up_documents",
    "look_up_guest",
    "issue_document",
    "open_document",
    "revoke_document",
    "issue_card",
    "print_card",
    "revoke_card",
    "issue_slip",
)


@dataclass(frozen=True)
class Access:
    """One access to the record, or one act on a document of it, by another user."""

    at: datetime
    who: str
    roles: str
    what: str
    detail: str


def list_accesses(member: Member) -> QuerySet[AuditEntry]:
    """Audit entries by others about `member` and the member's documents, newest first.

    Also slips for the member's account: with one somebody could get in.
    """
    documents = IssuedDocument.objects.of_member(member).order_by()
    keys = [str(key) for key in documents.values_list("pk", flat=True)]
    rows = [str(member.pk), *map(str, member.merged.values_list("pk", flat=True))]
    of_member = Q(object_type=Member._meta.label_lower, object_id__in=rows)
    of_documents = Q(object_type=IssuedDocument._meta.label_lower, object_id__in=keys)
    of_account = Q(object_type=User._meta.label_lower, object_id=str(member.user_id))
    whose = of_member | of_documents | of_account
    entries = AuditEntry.objects.filter(whose, act__in=ACCESS_ACTS)
    return entries.exclude(actor=member.user_id).order_by("-at", "-id")


def describe_access(entry: AuditEntry) -> Access:
    """An entry in words for the member, without the other user's IP address."""
    facts = entry.after if isinstance(entry.after, dict) else {}
    return Access(
        at=entry.at,
        who=entry.actor_name,
        roles=format_roles(facts.get("roles", [])),
        what=act_label(entry.act),
        detail=_detail(entry, facts),
    )


def _detail(entry: AuditEntry, facts: dict[str, object]) -> str:
    """The year that was viewed, or the document."""
    if entry.object_type == IssuedDocument._meta.label_lower:
        kinds: dict[str, str] = {kind.value: str(kind.label) for kind in DocumentKind}
        kind = kinds.get(str(facts.get("kind", "")), "")
        return " · ".join(part for part in (entry.object_label, kind) if part)
    return str(facts.get("year", ""))
