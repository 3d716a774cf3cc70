"""The checklist of a cost: what proves it, what is missing, and who can supply it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import cast

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from classes.enums import RollState
from config.lib.dates import format_day
from config.lib.hours import STEP, format_hours
from config.lib.pages import address_of
from config.lib.periods import SHANGHAI
from courses.models import Session, TrainingClass
from funding.amounts import ZERO
from funding.enums import FundUse, VoucherKind
from funding.models import Commitment, LimitRule, PaymentVoucher, Voucher, VoucherRule
from funding.queries.breaches import cite_rule, read_half_day_limits
from funding.querysets import CommitmentQuerySet
from instructors.models import Instructor
from rolls.models import Attendance

# A day has two halves: what begins before noon, and the rest.
_NOON = 12


@dataclass(frozen=True)
class HalfDay:
    """What a lecturer taught in a half day of a class, in credit hours, and what of it is paid.

    By the `rule` of the day; without one, all of it.
    """

    held_on: date
    is_morning: bool
    sessions: tuple[Session, ...]
    hours: Decimal
    rule: LimitRule | None

    @property
    def paid_hours(self) -> Decimal:
        # A whole number has no places, as it had in the digests of fee sheets before the rule.
        return self.hours if self.rule is None else min(self.hours, self.rule.most.normalize())


@dataclass(frozen=True)
class FeeSheet:
    """The half days of a lecturer in a class, and the hours that other costs already pay."""

    half_days: list[HalfDay]
    paid_elsewhere: Decimal

    @property
    def paid_hours(self) -> Decimal:
        """What the lecturer may be paid for in all (credit hours)."""
        return sum((half.paid_hours for half in self.half_days), ZERO)

    @property
    def rules(self) -> list[str]:
        """The rules of the half days, in words, each once."""
        found = {half.rule.pk: half.rule for half in self.half_days if half.rule is not None}
        return [cite_rule(rule) for rule in found.values()]

    @property
    def left(self) -> Decimal:
        """What this cost may pay for."""
        return self.paid_hours - self.paid_elsewhere


@dataclass(frozen=True)
class Proof:
    """Something that counts: its words and its page; `voucher` if a clerk uploaded it.

    Pages of classes and rolls are for staff (`is_for_staff`); those of the money are for all
    who see the cost.
    """

    label: str
    address: str
    voucher: Voucher | None = None
    is_for_staff: bool = False


@dataclass
class ChecklistLine:
    """A voucher that a cost needs: what is there of it, else why not, and who supplies it where."""

    rule: VoucherRule
    is_of_portal: bool
    supplier: str
    way: str = ""
    missing: str = ""
    proofs: list[Proof] = field(default_factory=list)

    @property
    def kind(self) -> VoucherKind:
        return VoucherKind(self.rule.kind)

    @property
    def name(self) -> str | Promise:
        return self.kind.label

    @property
    def is_there(self) -> bool:
        return not self.missing


def is_of_portal(kind: str, commitment: Commitment) -> bool:
    """Whether the portal itself has this voucher of a cost: nobody uploads it then."""
    of_class = (VoucherKind.PLAN, VoucherKind.ROLL)
    return kind == VoucherKind.FEE_SHEET or (
        kind in of_class and commitment.training_class_id is not None
    )


def needs(use: str, kind: str, on: date) -> bool:
    """Whether a payment for a use on the day `on` needs a kind of voucher."""
    return _rules_of(use, on).filter(kind=kind).exists()


def list_checklist(commitment: Commitment, on: date) -> list[ChecklistLine]:
    """The vouchers that a payment on the day `on` needs, in the order of their kinds."""
    rules = _rules_of(commitment.use, on)
    order = list(VoucherKind.values)
    uploaded: defaultdict[str, list[Voucher]] = defaultdict(list)
    for voucher in list_standing(commitment):
        uploaded[voucher.kind].append(voucher)
    lines = []
    sessions: list[Session] | None = None
    for rule in sorted(rules, key=lambda rule: order.index(rule.kind)):
        if is_of_portal(rule.kind, commitment):
            if sessions is None:
                sessions = list_sessions(commitment)
            lines.append(_line_of_portal(commitment, rule, sessions, on))
        else:
            lines.append(_line_of_uploads(commitment, rule, uploaded[rule.kind]))
    return lines


def list_standing(commitment: Commitment) -> QuerySet[Voucher]:
    """Uploaded vouchers that were not withdrawn."""
    standing = Voucher.objects.filter(commitment=commitment, withdrawal=None)
    return standing.select_related("file", "added_by").order_by("pk")


def list_sessions(commitment: Commitment) -> list[Session]:
    """Sessions that a cost is for: of its class, and for a fee those of its lecturer."""
    if commitment.training_class_id is None:
        return []
    of_fee = commitment.use == FundUse.LECTURER_FEE
    return _list_held(commitment.training_class_id, commitment.instructor_id if of_fee else None)


def _list_held(training_class_id: int, instructor_id: int | None) -> list[Session]:
    """Sessions of a class that were not called off, of one lecturer or of all."""
    sessions = Session.objects.to_be_held().filter(training_class=training_class_id)
    if instructor_id is not None:
        sessions = sessions.filter(instructor=instructor_id)
    return list(sessions.select_related("roll", "course").order_by("starts_at", "pk"))


def has_roll(session: Session) -> bool:
    """Whether the roll of a session is submitted."""
    roll = getattr(session, "roll", None)
    return roll is not None and roll.state == RollState.SUBMITTED


def read_fee_sheet(commitment: Commitment, sessions: list[Session] | None = None) -> FeeSheet:
    """What the lecturer of a fee taught in its class, by submitted rolls."""
    if sessions is None:
        sessions = list_sessions(commitment)
    taught = [session for session in sessions if has_roll(session)]
    paid = _fees_of(commitment.training_class, commitment.instructor).exclude(pk=commitment.pk)
    hours = paid.with_stages().filter(paid__gt=0).aggregate(hours=Sum("fee_hours"))["hours"]
    return FeeSheet(split_by_half_days(taught), hours or ZERO)


def count_hours_left(training_class: TrainingClass, instructor: Instructor) -> Decimal:
    """Credit hours of a lecturer in a class that no cost asks for yet, planned ones included."""
    planned = split_by_half_days(_list_held(training_class.pk, instructor.pk))
    asked = _fees_of(training_class, instructor).with_stages()
    held = asked.exclude(committed=0, approved=0, paid=0)
    taken = held.aggregate(hours=Coalesce(Sum("fee_hours"), ZERO))["hours"]
    return sum((half.paid_hours for half in planned), ZERO) - taken


def split_by_half_days(
    sessions: list[Session], find_rule: Callable[[date], LimitRule | None] | None = None
) -> list[HalfDay]:
    """Sessions, in their order, by day and half of the day in which they begin.

    `find_rule` knows the limit of a day; without it, the rules are read.
    """
    halves: defaultdict[tuple[date, bool], list[Session]] = defaultdict(list)
    for session in sessions:
        is_morning = session.starts_at.astimezone(SHANGHAI).hour < _NOON
        halves[session.held_on, is_morning].append(session)
    if halves and find_rule is None:
        find_rule = read_half_day_limits()
    return [
        HalfDay(
            held_on,
            is_morning,
            tuple(held),
            sum((one.hours for one in held), ZERO),
            find_rule(held_on) if find_rule else None,
        )
        for (held_on, is_morning), held in halves.items()
    ]


def digest_of_portal(kind: VoucherKind, commitment: Commitment) -> str:
    """What the portal's own voucher says now, as a digest (SHA-256, hex)."""
    sessions = list_sessions(commitment)
    content: list[object] = [kind, commitment.training_class_id, commitment.instructor_id]
    if kind == VoucherKind.FEE_SHEET:
        content += [
            [str(half.held_on), half.is_morning, str(half.hours), str(half.paid_hours)]
            for half in split_by_half_days([one for one in sessions if has_roll(one)])
        ]
    else:
        content += [
            [one.pk, one.number, str(one.held_on), str(one.hours), one.course_id, one.instructor_id]
            for one in sessions
        ]
    if kind == VoucherKind.ROLL:
        marks = Attendance.objects.filter(session__in=sessions).order_by("session", "member")
        content += marks.values_list("session", "member", "status", "taken_off")
    return sha256(json.dumps(content, default=list).encode()).hexdigest()


def list_relied_on(commitment: Commitment) -> list[PaymentVoucher]:
    """What the payments of a cost relied on, and whether it still `is_unchanged`."""
    found = PaymentVoucher.objects.filter(payment__commitment=commitment)
    rows = list(found.select_related("payment", "voucher__file").order_by("payment", "pk"))
    now: dict[str, str] = {}
    for row in rows:
        if row.voucher is None and row.kind not in now:
            now[row.kind] = digest_of_portal(VoucherKind(row.kind), commitment)
        current = now[row.kind] if row.voucher is None else row.voucher.digest
        row.is_unchanged = current == row.digest  # type: ignore[attr-defined]
    return rows


def _rules_of(use: str, on: date) -> QuerySet[VoucherRule]:
    return VoucherRule.objects.in_force(on).filter(use=use)


def _fees_of(
    training_class: TrainingClass | None, instructor: Instructor | None
) -> CommitmentQuerySet:
    fees = Commitment.objects.filter(use=FundUse.LECTURER_FEE, instructor=instructor)
    return fees.filter(training_class=training_class).order_by()


def _line_of_uploads(
    commitment: Commitment, rule: VoucherRule, vouchers: list[Voucher]
) -> ChecklistLine:
    return ChecklistLine(
        rule=rule,
        is_of_portal=False,
        supplier=_("the school's clerk uploads it"),
        way=reverse("funding:add_voucher", args=[commitment.pk], query={"kind": rule.kind}),
        missing="" if vouchers else _("not uploaded yet"),
        proofs=[
            Proof(one.file.name, reverse("funding:voucher_file", args=[one.pk]), one)
            for one in vouchers
        ],
    )


def _line_of_portal(
    commitment: Commitment, rule: VoucherRule, sessions: list[Session], on: date
) -> ChecklistLine:
    find = {
        VoucherKind.PLAN.value: _look_at_plan,
        VoucherKind.ROLL.value: _look_at_rolls,
        VoucherKind.FEE_SHEET.value: _look_at_fee_sheet,
    }[rule.kind]
    return find(commitment, rule, sessions, on)


def _look_at_plan(
    commitment: Commitment, rule: VoucherRule, sessions: list[Session], _on: date
) -> ChecklistLine:
    training_class = cast(TrainingClass, commitment.training_class)
    page = address_of("training_class", training_class.pk)
    line = ChecklistLine(rule, True, _("the school's clerk plans the class"), page)
    if sessions:
        line.proofs = [
            Proof(f"{training_class.title} · {training_class.code}", page, is_for_staff=True)
        ]
    else:
        line.missing = _("no session of the class is planned")
    return line


def _look_at_rolls(
    _commitment: Commitment, rule: VoucherRule, sessions: list[Session], on: date
) -> ChecklistLine:
    """There once a session was held and every session until today has a submitted roll."""
    line = ChecklistLine(rule, True, _("the school's clerk submits the roll"))
    held = [session for session in sessions if session.held_on <= on]
    line.proofs = [
        Proof(_say_session(session), address_of("roll", session.pk), is_for_staff=True)
        for session in held
        if has_roll(session)
    ]
    open_ones = [session for session in held if not has_roll(session)]
    if open_ones:
        line.way = address_of("roll", open_ones[0].pk)
        words = [_say_session(session) for session in open_ones]
        line.missing = _("not submitted: %(sessions)s") % {"sessions": ", ".join(words)}
    elif not held:
        line.missing = _("no session was held yet")
    return line


def _look_at_fee_sheet(
    commitment: Commitment, rule: VoucherRule, sessions: list[Session], _on: date
) -> ChecklistLine:
    line = ChecklistLine(rule, True, _("the portal computes it from submitted rolls"))
    if commitment.training_class_id is None:
        line.missing = _("the cost names no class")
        return line
    page = reverse("funding:fee_sheet", args=[commitment.pk])
    sheet, asked = read_fee_sheet(commitment, sessions), commitment.fee_hours or ZERO
    if sheet.half_days:
        line.proofs = [Proof(_("Fee sheet"), page)]
    # A cost of its class is paid as far as it was taught, whatever was expected.
    if sheet.left < (min(asked, STEP) if commitment.cost_rate_id else asked):
        line.missing = _("%(asked)s hours are asked for, %(left)s are taught and not paid") % {
            "asked": format_hours(asked),
            "left": format_hours(sheet.left),
        }
    return line


def _say_session(session: Session) -> str:
    return _("session %(number)d, %(day)s") % {
        "number": session.number,
        "day": format_day(session.held_on),
    }
