"""What the audit trail finds by a member's number, and how it tells what acts here say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, User
from accounts.records import DELETE
from accounts.trail import register_fact, register_reference
from backstage.enums import FileKind
from courses.models import Session, TrainingClass
from schools.models import Organisation, RoleGrant
from trainees.enums import (
    PostKind,
    RegisterField,
    ReopeningAnswer,
    ReviewStep,
    ReviewVerdict,
    RollStage,
    RowKind,
    Standing,
)
from trainees.imports.matching import NO_POST
from trainees.models import (
    CalendarFeed,
    ClassMaterial,
    Dispute,
    Exemption,
    IssuedDocument,
    LeaveRequest,
    Member,
    Membership,
    Post,
    RegisterImport,
    Study,
    WalkIn,
)
from trainees.queries.disputes import write_answer
from trainees.queries.rolls import write_mark, write_marks
from trainees.queries.studies import write_members

_FACTS: tuple[type[models.Model], ...] = (
    *(Membership, Post, Exemption, Dispute),
    *(LeaveRequest, CalendarFeed, WalkIn),
)


def find_by_number(text: str) -> dict[type[models.Model], list[int]]:
    """The member of that number with account, documents, disputes and dated facts, deleted too."""
    member = Member.objects.filter(number=text).only("user_id").first()
    if member is None:
        return {}
    found: dict[type[models.Model], list[int]] = defaultdict(list)
    found[Member] = [member.pk]
    if member.user_id:
        found[User] = [member.user_id]
        grants = RoleGrant.objects.filter(user=member.user_id)
        found[RoleGrant] = list(grants.values_list("pk", flat=True))
    found[IssuedDocument] = list(member.documents.values_list("pk", flat=True))
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


def register_facts() -> None:
    """Make known what the acts of this app say and no field of their object holds."""
    organisation = gettext_lazy("Party organisation")
    register_reference("organisation", organisation, Organisation)
    register_reference("organisation_id", organisation, Organisation)
    register_reference("member_id", gettext_lazy("member"), Member)
    register_reference("members", gettext_lazy("members"), Member, "number")
    register_reference("posts_ended", gettext_lazy("posts ended"), Post)
    register_reference("register", gettext_lazy("import of the register"), RegisterImport)
    register_fact("row", gettext_lazy("row"))
    register_fact("standing", gettext_lazy("standing"), _word_of(dict(Standing.choices)))
    posts = {**dict(PostKind.choices), NO_POST: gettext_lazy("no post")}
    register_fact("post", gettext_lazy("post"), _word_of(posts))
    register_fact("resident_id", gettext_lazy("resident ID number"))
    register_reference("dispute", gettext_lazy("dispute"), Dispute)
    register_fact("marks", gettext_lazy("marks"), write_marks)
    register_fact("counts", gettext_lazy("persons by mark"), _write_counts)
    register_fact("entries", gettext_lazy("ledger entries"))
    register_fact("scanned_before", gettext_lazy("seconds between scan and arrival"))
    register_fact("conflicts", gettext_lazy("marks in conflict"))
    register_fact("refused", gettext_lazy("marks refused"))
    register_fact("columns", gettext_lazy("columns"), _write_columns)
    _register_facts_of_studies()
    _register_facts_of_rosters()
    _register_facts_of_rolls()
    register_fact("card", gettext_lazy("member card"), of=Member._meta.label_lower)
    for name, label in (
        ("name_pinyin", gettext_lazy("name in pinyin")),
        ("name_initials", gettext_lazy("pinyin initials of the name")),
    ):
        register_fact(name, label, of=Member._meta.label_lower)
    for kind in RowKind:
        register_fact(kind.value, kind.label, of=RegisterImport._meta.label_lower)


def _register_facts_of_studies() -> None:
    """What the acts on records of study and on disputes say."""
    study = Study._meta.label_lower
    register_fact("answer", gettext_lazy("answer"), write_answer)
    register_fact("members", gettext_lazy("members"), write_members, of=study)
    register_fact("added", gettext_lazy("added"), write_members, of=study)
    register_fact("removed", gettext_lazy("taken off"), write_members, of=study)
    register_fact("step", gettext_lazy("step"), _word_of(dict(ReviewStep.choices)))
    register_fact("verdict", gettext_lazy("verdict"), _word_of(dict(ReviewVerdict.choices)))
    register_fact("evidence", gettext_lazy("evidence"), _word_of(dict(FileKind.choices)))
    register_fact("file", gettext_lazy("file"))
    register_fact("others", gettext_lazy("other lines changed"))
    register_reference("kept", gettext_lazy("kept"), Member, "number")
    register_reference("given_up", gettext_lazy("given up"), Member, "number")
    register_reference("declarations", gettext_lazy("declarations taken over"), Study)


def _register_facts_of_rosters() -> None:
    """What the acts on rosters and on leave say."""
    one = TrainingClass._meta.label_lower
    register_reference("member", gettext_lazy("member"), Member, of=one)
    register_reference("enrolled", gettext_lazy("got a place"), Member, of=one)
    register_reference("waiting", gettext_lazy("wait for a place"), Member, of=one)
    register_reference("monitor", gettext_lazy("monitor"), Member, of=one)
    register_fact("from_session", gettext_lazy("from session"), of=one)
    register_fact("file_name", gettext_lazy("name of the file"), of=ClassMaterial._meta.label_lower)
    register_fact("pocket", gettext_lazy("phone pocket number"), of=one)
    register_fact("moved", gettext_lazy("members with another group, seat or pocket"), of=one)


def _register_facts_of_rolls() -> None:
    """What closing and reopening a roll say, as acts on its session."""
    session = Session._meta.label_lower
    register_fact("stage", gettext_lazy("roll"), _word_of(dict(RollStage.choices)), of=session)
    answers = _word_of(dict(ReopeningAnswer.choices))
    register_fact("answer", gettext_lazy("answer"), answers, of=session)
    register_fact("word", gettext_lazy("word to the school"), of=session)


def _word_of(words: Mapping[str, Any]) -> Callable[[str], str]:
    return lambda value: str(words.get(value, value))


def _write_counts(counts: Mapping[str, int]) -> str:
    return _pairs((write_mark(mark), n) for mark, n in counts.items())


def _write_columns(fields: Mapping[str, str]) -> str:
    words = dict(RegisterField.choices)
    return _pairs((header, words.get(field, field)) for header, field in fields.items())


def _pairs(pairs: Iterable[tuple[object, object]]) -> str:
    return _("; ").join(_("%(label)s: %(value)s") % {"label": a, "value": b} for a, b in pairs)
