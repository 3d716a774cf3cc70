"""How the audit trail finds objects of this app by a member's number, and displays their facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, User
from accounts.records import DELETE
from accounts.trail import format_pairs, register_fact, register_reference
from backstage.exports import word_from
from schools.models import RoleGrant
from trainees.enums import MembershipStatus, PostKind, RegisterField, RowKind
from trainees.imports.matching import NO_POST
from trainees.models import Departure, Exemption, Member, Membership, Post, RegisterImport

# Models that the trail finds by a member: dated facts here, and objects of higher apps.
_of_members: list[type[models.Model]] = [Membership, Post, Exemption, Departure]


def register_of_members(*kinds: type[models.Model]) -> None:
    """Register models with a `member` field, which the trail finds by the member's number."""
    _of_members.extend(kind for kind in kinds if kind not in _of_members)


def find_by_number(text: str) -> dict[type[models.Model], list[int]]:
    """The member with that number, the account, and all objects of both, deleted ones included."""
    member = Member.objects.filter(number=text).only("user_id").first()
    if member is None:
        return {}
    keys: dict[type[models.Model], list[int]] = defaultdict(list)
    keys[Member] = [member.pk]
    if member.user_id:
        keys[User] = [member.user_id]
        grants = RoleGrant.objects.filter(user=member.user_id)
        keys[RoleGrant] = list(grants.values_list("pk", flat=True))
    for model in _of_members:
        rows = model._default_manager.filter(member=member)
        keys[model] += rows.values_list("pk", flat=True)
    kinds = {model._meta.label_lower: model for model in _of_members}
    deleted = AuditEntry.objects.filter(
        act=DELETE, object_type__in=kinds, before__member_id=member.pk
    )
    for kind, key in deleted.values_list("object_type", "object_id"):
        keys[kinds[kind]].append(int(key))
    return keys


def register_facts_of_members() -> None:
    """Register how facts about members and the register are displayed that are no model fields."""
    register_reference("member_id", gettext_lazy("member"), Member)
    register_reference("members", gettext_lazy("members"), Member, "number")
    register_reference("posts_ended", gettext_lazy("posts ended"), Post)
    register_reference("register", gettext_lazy("import of the register"), RegisterImport)
    register_fact("row", gettext_lazy("row"))
    register_fact(
        "membership_status", gettext_lazy("standing"), word_from(MembershipStatus.choices)
    )
    posts = [*PostKind.choices, (NO_POST, gettext_lazy("no post"))]
    register_fact("post", gettext_lazy("post"), word_from(posts))
    register_fact("resident_id", gettext_lazy("resident ID number"))
    register_fact("columns", gettext_lazy("columns"), _format_columns)
    register_reference("kept", gettext_lazy("kept"), Member, "number")
    register_reference("given_up", gettext_lazy("given up"), Member, "number")
    for name, label in (
        ("name_pinyin", gettext_lazy("name in pinyin")),
        ("name_initials", gettext_lazy("pinyin initials of the name")),
    ):
        register_fact(name, label, of=Member._meta.label_lower)
    for kind in RowKind:
        register_fact(kind.value, kind.label, of=RegisterImport._meta.label_lower)


def _format_columns(fields: Mapping[str, str]) -> str:
    words = dict(RegisterField.choices)
    return format_pairs((header, words.get(field, field)) for header, field in fields.items())
