"""What the audit trail finds by a member's number, and how it tells what acts here say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, User
from accounts.records import DELETE
from accounts.trail import register_fact, register_reference
from backstage.enums import FileKind
from backstage.exports import word_from
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
    ClassMaterial,
    Dispute,
    Exemption,
    Member,
    Membership,
    Post,
    RegisterImport,
    Study,
)
from trainees.queries.disputes import write_answer
from trainees.queries.rolls import write_mark, write_marks
from trainees.queries.studies import write_members

# What the trail finds with a member: their dated facts here, and what apps above hold of them.
_of_members: list[type[models.Model]] = [Membership, Post, Exemption]


def register_of_members(*kinds: type[models.Model]) -> None:
    """Tell of objects with a `member`, which the trail finds by the member's number."""
    _of_members.extend(kind for kind in kinds if kind not in _of_members)


def find_by_number(text: str) -> dict[type[models.Model], list[int]]:
    """The member of that number with the account and all that is theirs, deleted too."""
    member = Member.objects.filter(number=text).only("user_id").first()
    if member is None:
        return {}
    found: dict[type[models.Model], list[int]] = defaultdict(list)
    found[Member] = [member.pk]
    if member.user_id:
        found[User] = [member.user_id]
        grants = RoleGrant.objects.filter(user=member.user_id)
        found[RoleGrant] = list(grants.values_list("pk", flat=True))
    for model in _of_members:
        rows = model._default_manager.filter(member=member)
        found[model] += rows.values_list("pk", flat=True)
    kinds = {model._meta.label_lower: model for model in _of_members}
    deleted = AuditEntry.objects.filter(
        act=DELETE, object_type__in=kinds, before__member_id=member.pk
    )
    for kind, key in deleted.values_list("object_type", "object_id"):
        found[kinds[kind]].append(int(key))
    return found


def register_facts_of_members() -> None:
    """What the acts on members and the register say and no field of their object holds."""
    organisation = gettext_lazy("Party organisation")
    register_reference("organisation", organisation, Organisation)
    register_reference("organisation_id", organisation, Organisation)
    register_reference("member_id", gettext_lazy("member"), Member)
    register_reference("members", gettext_lazy("members"), Member, "number")
    register_reference("posts_ended", gettext_lazy("posts ended"), Post)
    register_reference("register", gettext_lazy("import of the register"), RegisterImport)
    register_fact("row", gettext_lazy("row"))
    register_fact("standing", gettext_lazy("standing"), word_from(Standing.choices))
    posts = [*PostKind.choices, (NO_POST, gettext_lazy("no post"))]
    register_fact("post", gettext_lazy("post"), word_from(posts))
    register_fact("resident_id", gettext_lazy("resident ID number"))
    register_fact("columns", gettext_lazy("columns"), _write_columns)
    register_reference("kept", gettext_lazy("kept"), Member, "number")
    register_reference("given_up", gettext_lazy("given up"), Member, "number")
    for name, label in (
        ("name_pinyin", gettext_lazy("name in pinyin")),
        ("name_initials", gettext_lazy("pinyin initials of the name")),
    ):
        register_fact(name, label, of=Member._meta.label_lower)
    for kind in RowKind:
        register_fact(kind.value, kind.label, of=RegisterImport._meta.label_lower)


def register_facts_of_files() -> None:
    """What acts on the evidence of studies and of sessions say."""
    register_fact("evidence", gettext_lazy("evidence"), word_from(FileKind.choices))
    register_fact("file", gettext_lazy("file"))


def register_facts_of_hours() -> None:
    """What the acts on hours and on disputes say."""
    register_reference("dispute", gettext_lazy("dispute"), Dispute)
    register_fact("answer", gettext_lazy("answer"), write_answer)
    register_fact("entries", gettext_lazy("ledger entries"))
    register_fact("others", gettext_lazy("other lines changed"))


def register_facts_of_studies() -> None:
    """What the acts on records of study say."""
    study = Study._meta.label_lower
    register_fact("members", gettext_lazy("members"), write_members, of=study)
    register_fact("added", gettext_lazy("added"), write_members, of=study)
    register_fact("removed", gettext_lazy("taken off"), write_members, of=study)
    register_fact("step", gettext_lazy("step"), word_from(ReviewStep.choices))
    register_fact("verdict", gettext_lazy("verdict"), word_from(ReviewVerdict.choices))
    register_reference("declarations", gettext_lazy("declarations taken over"), Study)


def register_facts_of_rosters() -> None:
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


def register_facts_of_rolls() -> None:
    """What marks say, and closing and reopening a roll as acts on its session; and of cards."""
    register_fact("marks", gettext_lazy("marks"), write_marks)
    register_fact("counts", gettext_lazy("persons by mark"), _write_counts)
    register_fact("scanned_before", gettext_lazy("seconds between scan and arrival"))
    register_fact("conflicts", gettext_lazy("marks in conflict"))
    register_fact("refused", gettext_lazy("marks refused"))
    register_fact("card", gettext_lazy("member card"), of=Member._meta.label_lower)
    session = Session._meta.label_lower
    register_fact("stage", gettext_lazy("roll"), word_from(RollStage.choices), of=session)
    answers = word_from(ReopeningAnswer.choices)
    register_fact("answer", gettext_lazy("answer"), answers, of=session)
    register_fact("word", gettext_lazy("word to the school"), of=session)


def _write_counts(counts: Mapping[str, int]) -> str:
    return write_pairs((write_mark(mark), n) for mark, n in counts.items())


def _write_columns(fields: Mapping[str, str]) -> str:
    words = dict(RegisterField.choices)
    return write_pairs((header, words.get(field, field)) for header, field in fields.items())


def write_pairs(pairs: Iterable[tuple[object, object]]) -> str:
    """Labels with their values, in one line."""
    return _("; ").join(_("%(label)s: %(value)s") % {"label": a, "value": b} for a, b in pairs)
