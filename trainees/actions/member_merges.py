"""Two rows of one person: one officer proposes a merge, another decides; it can be undone.

What the row given up has of years that are not closed passes to the row that remains; higher apps
move it. Closed years stay as they are; pages show the lines of both rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts.actions import end_sessions
from accounts.activation import end_codes
from accounts.audit import record_act
from accounts.enums import Role
from accounts.interests import refuse_own_rows
from accounts.models import User
from accounts.origin import Actor
from accounts.roles import holds_any
from config.lib.asking import ask
from config.lib.periods import local_date
from schools.queries.open_years import first_open_year
from trainees.actions.locks import lock_members
from trainees.enums import MergeState
from trainees.errors import MemberFactError
from trainees.models import Member, MemberMerge
from trainees.records import save_member
from trainees.signals import members_merged, members_merging, members_unmerged

# Fields that are filled in from the other row if they are empty.
FILLED = ("phone", "joined_on", "full_member_on")


@dataclass(frozen=True)
class Moved:
    """What moved from one row to the other: `facts` for the audit trail, `sentences` for a check
    page, and what only undoing needs in `record`.
    """

    facts: dict[str, Any]
    sentences: list[str]
    record: dict[str, Any] = field(default_factory=dict)


def propose_merge(
    *, kept_id: int, given_up_id: int, reason: str, by: Actor, at: datetime
) -> MemberMerge:
    """Propose that two rows are one person. Nothing changes until another officer agrees.

    Raises PermissionDenied, Member.DoesNotExist if the actor cannot see a member, and
    MemberFactError.
    """
    user = _officer(by)
    with transaction.atomic():
        lock_members([kept_id, given_up_id])
        refuse_own_rows(by, [kept_id, given_up_id], MemberFactError)
        visible = Member.objects.visible_to(user, local_date(at))
        kept, given_up = visible.get(pk=kept_id), visible.get(pk=given_up_id)
        _require_mergeable(kept, given_up)
        _refuse_second_proposal(kept, given_up)
        if not reason.strip():
            raise MemberFactError(_("Say why they are one person."), "reason")
        merge = MemberMerge.objects.create(
            kept=kept,
            given_up=given_up,
            reason=reason.strip(),
            proposed_at=at,
            proposed_by=user,
        )
        record_act(
            act="propose_merge",
            obj=merge,
            by=by,
            at=at,
            after=_audit_facts(merge) | {"reason": reason},
        )
    return merge


def refuse_merge(*, merge_id: int, answer: str, by: Actor, at: datetime) -> MemberMerge:
    """Decide that they are two people, with a reason. Raises the same errors as `merge_members`."""
    user = _officer(by)
    with transaction.atomic():
        merge = _lock(merge_id, MergeState.PROPOSED, by)
        if not answer.strip():
            raise MemberFactError(_("Say why they are two people."), "reason")
        _decide(merge, MergeState.REFUSED, answer, user, at)
        record_act(act="refuse_merge", obj=merge, by=by, at=at, after={"reason": answer})
    return merge


def merge_members(*, merge_id: int, by: Actor, at: datetime) -> Moved:
    """Merge two rows as another officer proposed: hours, facts and account pass to the kept row.

    Empty fields of the row that remains are filled in from the other. Returns what moved to the row
    that remains. Raises MemberMerge.DoesNotExist, PermissionDenied, and MemberFactError for the
    actor's own proposal or one decided meanwhile.
    """
    user, year = _officer(by), first_open_year(local_date(at))
    with transaction.atomic():
        members_merging.send(MemberMerge)
        merge = _lock(merge_id, MergeState.PROPOSED, by)
        kept, given_up = _lock_rows(merge)
        _require_mergeable(kept, given_up)
        ended, closed = _pass_account_on(given_up, kept)
        filled = _fill(kept, given_up, by)
        moved = _let_move(
            members_merged,
            kept=kept,
            given_up=given_up,
            year=year,
            closed=closed,
            by=user,
            at=at,
        )
        merge.ended = ended | {"filled": filled, "moved": moved.record | moved.facts}
        merge.first_year = year
        given_up.merged_into, given_up.merged_year = kept, year
        given_up.save(update_fields=["merged_into", "merged_year"])
        _decide(merge, MergeState.DONE, "", user, at)
        record_act(
            act="merge_members", obj=merge, by=by, at=at, after=_audit_facts(merge) | moved.facts
        )
    return moved


def undo_merge(*, merge_id: int, reason: str, by: Actor, at: datetime) -> Moved:
    """Undo a merge: each row has its own hours and facts of every day of open years again.

    Fields that were filled in are emptied again, unless they were corrected since. Raises the same
    errors as `merge_members`, and MemberFactError without a reason.
    """
    user = _officer(by)
    with transaction.atomic():
        members_merging.send(MemberMerge)
        merge = _lock(merge_id, MergeState.DONE, by)
        kept, given_up = _lock_rows(merge)
        if not reason.strip():
            raise MemberFactError(_("Say why they are two people."), "reason")
        open_year = first_open_year(local_date(at))
        year = max(merge.first_year or open_year, open_year)
        given_up.merged_into = given_up.merged_year = None
        given_up.save(update_fields=["merged_into", "merged_year"])
        account = User.objects.filter(pk=merge.ended.get("account")).first()
        moved = _let_move(
            members_unmerged,
            kept=kept,
            given_up=given_up,
            year=year,
            account=account,
            moved=merge.ended | merge.ended.get("moved", {}),
            by=user,
            at=at,
        )
        _give_account_back(given_up, kept, account, merge.ended)
        _empty_again(kept, merge.ended.get("filled", {}), by)
        merge.state, merge.undo_reason = MergeState.UNDONE, reason.strip()
        merge.undone_at, merge.undone_by, merge.until_year = at, user, year
        merge.save(update_fields=["state", "undone_at", "undone_by", "undo_reason", "until_year"])
        after = _audit_facts(merge) | {"reason": reason} | moved.facts
        record_act(act="undo_merge", obj=merge, by=by, at=at, after=after)
    return moved


def _let_move(signal: Signal, **values: Any) -> Moved:
    """Let higher apps move their data; returns everything that moved."""
    answers: list[Moved] = ask(signal, MemberMerge, **values)
    facts, record = (
        {name: value for answer in answers for name, value in getattr(answer, of).items()}
        for of in ("facts", "record")
    )
    return Moved(facts, [sentence for answer in answers for sentence in answer.sentences], record)


def _pass_account_on(given_up: Member, kept: Member) -> tuple[dict[str, Any], User | None]:
    """Pass the account on, or close it if both rows have one.

    Returns what undoing needs, of which `closed` says whether the closed account was active, and
    the account that was closed.
    """
    account = given_up.user
    if account is None:
        return {}, None
    ended = {"account": account.pk, "closed": kept.user is not None and account.is_active}
    end_codes(account.pk)
    end_sessions(account.pk)
    given_up.user = None
    given_up.save(update_fields=["user"])
    if kept.user is None:
        kept.user = account
        kept.save(update_fields=["user"])
        return ended, None
    account.is_active = False
    account.save(update_fields=["is_active"])
    return ended, account


def _give_account_back(
    given_up: Member, kept: Member, account: User | None, ended: dict[str, Any]
) -> None:
    """The account returns to its row and former state."""
    if account is None:
        return
    end_sessions(account.pk)
    if kept.user_id == account.pk:
        kept.user = None
        kept.save(update_fields=["user"])
    # An account that an administrator disabled stays disabled.
    if ended["closed"]:
        account.is_active = True
        account.save(update_fields=["is_active"])
    given_up.user = account
    given_up.save(update_fields=["user"])


def _fill(kept: Member, given_up: Member, by: Actor) -> dict[str, str]:
    """Fill empty fields of the row that remains from the other; returns the filled fields.

    Contradictory days are left out.
    """
    names = [name for name in FILLED if not getattr(kept, name) and getattr(given_up, name)]
    joined = kept.joined_on or given_up.joined_on
    full = kept.full_member_on or given_up.full_member_on
    if joined and full and full < joined:
        names = [name for name in names if name == "phone"]
    for name in names:
        setattr(kept, name, getattr(given_up, name))
    save_member(obj=kept, by=by, fields=names)
    return {name: str(getattr(kept, name)) for name in names}


def _empty_again(kept: Member, filled: dict[str, str], by: Actor) -> None:
    names = [name for name, value in filled.items() if str(getattr(kept, name)) == value]
    for name in names:
        setattr(kept, name, "" if name == "phone" else None)
    save_member(obj=kept, by=by, fields=names)


def _require_mergeable(kept: Member, given_up: Member) -> None:
    if kept.pk == given_up.pk:
        raise MemberFactError(_("Choose two members."), "kept")
    if kept.merged_into_id or given_up.merged_into_id:
        raise MemberFactError(_("One of them was merged into another member already."), "kept")
    if Member.objects.filter(merged_into=given_up).exists():
        raise MemberFactError(
            _("Another member was merged into %(name)s (%(number)s): keep that one.")
            % {"name": given_up.name, "number": given_up.number},
            "kept",
        )


def _refuse_second_proposal(kept: Member, given_up: Member) -> None:
    """Raise MemberFactError if this proposal and a waiting one would block each other.

    Several rows may wait to be merged into the same row. The members are locked.
    """
    of_them = Q(given_up__in=[kept, given_up]) | Q(kept=given_up)
    waiting = MemberMerge.objects.filter(of_them, state=MergeState.PROPOSED)
    other = waiting.select_related("kept", "given_up").first()
    if other is None:
        return
    if {other.kept_id, other.given_up_id} == {kept.pk, given_up.pk}:
        raise MemberFactError(
            _("A merge of these two waits for its decision already: %(kept)s is kept.")
            % {"kept": other.kept.number},
            "kept",
        )
    raise MemberFactError(
        _("Another merge waits for its decision first: %(given_up)s into %(kept)s.")
        % {"given_up": other.given_up.number, "kept": other.kept.number},
        "kept",
    )


def _lock(merge_id: int, state: MergeState, by: Actor) -> MemberMerge:
    merge = MemberMerge.objects.select_for_update().get(pk=merge_id)
    refuse_own_rows(by, [merge.kept_id, merge.given_up_id], MemberFactError)
    if merge.state != state:
        raise MemberFactError(
            _("This merge has been decided meanwhile: %(state)s.")
            % {"state": merge.get_state_display()}
        )
    if by.user and merge.proposed_by_id == by.user.pk and state == MergeState.PROPOSED:
        raise MemberFactError(_("Somebody else decides on what you proposed."))
    return merge


def _lock_rows(merge: MemberMerge) -> tuple[Member, Member]:
    """The row that remains and the row given up, locked before they are read.

    One of them may have received an account meanwhile.
    """
    lock_members([merge.kept_id, merge.given_up_id])
    return merge.kept, merge.given_up


def _decide(merge: MemberMerge, state: MergeState, answer: str, user: User, at: datetime) -> None:
    merge.state, merge.answer = state, answer.strip()
    merge.decided_at = at
    if user.pk != merge.proposed_by_id:
        merge.decided_by = user
    decided = ["state", "answer", "decided_at", "decided_by", "ended", "first_year"]
    merge.save(update_fields=decided)


def _audit_facts(merge: MemberMerge) -> dict[str, Any]:
    return {"kept": merge.kept.number, "given_up": merge.given_up.number}


def _officer(by: Actor) -> User:
    """An officer of the organisation department, which maintains the register."""
    if by.user is None or not holds_any(by.user, Role.ORGANISATION_DEPARTMENT):
        raise PermissionDenied
    return by.user
