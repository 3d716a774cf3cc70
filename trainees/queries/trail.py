"""What the search of the audit trail finds by a member's number."""

from __future__ import annotations

from collections import defaultdict

from django.db import models

from accounts.models import AuditEntry, User
from accounts.records import DELETE
from trainees.models import Exemption, Member, Membership, Post

_FACTS: tuple[type[models.Model], ...] = (Membership, Post, Exemption)


def find_by_number(text: str) -> dict[type[models.Model], list[int]]:
    """The member of that number with the account and all dated facts, deleted ones too."""
    member = Member.objects.filter(number=text).only("user_id").first()
    if member is None:
        return {}
    found: dict[type[models.Model], list[int]] = defaultdict(list)
    found[Member] = [member.pk]
    if member.user_id:
        found[User] = [member.user_id]
    for model in _FACTS:
        rows = model._default_manager.filter(member=member)
        found[model] += rows.values_list("pk", flat=True)
    kinds = {model._meta.label_lower: model for model in _FACTS}
    deleted = AuditEntry.objects.filter(
        act=DELETE, object_type__in=kinds, before__member_id=member.pk
    )
    for kind, key in deleted.values_list("object_type", "object_id"):
        found[kinds[kind]].append(int(key))
    return found
