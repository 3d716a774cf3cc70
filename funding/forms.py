"""Forms of the money: what is allocated, carried over, asked for, adjusted and paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, ReasonForm, without_resident_id
from config.lib.hours import STEP, validate_step
from config.lib.type_ahead import TypeAhead, pinyin_of
from config.lib.years import FIRST_YEAR
from courses.models import TrainingClass
from funding.amounts import FEN, format_amount
from funding.enums import ExceptionOutcome, FundUse, Purpose, VoucherKind
from funding.queries.class_costs import ClassCost
from funding.queries.proposals import Proposal
from instructors.forms import InstructorField
from instructors.models import Instructor
from schools.enums import FundingChannel
from schools.models import School


def _amount_field(**kwargs: Any) -> forms.DecimalField:
    defaults: dict[str, Any] = {"label": gettext_lazy("Amount (yuan)"), "min_value": FEN}
    return forms.DecimalField(max_digits=12, decimal_places=2, **defaults | kwargs)


def years_of(on: date) -> list[int]:
    """The years whose money is shown and moved: up to the next one, the newest first."""
    return list(range(on.year + 1, FIRST_YEAR - 1, -1))


class _YearForm(IdempotentForm):
    """A form about the money of a year. No text holds an ID number."""

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int)

    def __init__(self, data: Any, *, on: date, year: int) -> None:
        super().__init__(data, initial={"year": year})
        field: Any = self.fields["year"]
        field.choices = [(one, str(one)) for one in years_of(on)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str):
                try:
                    without_resident_id(value)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return cleaned


class AllocationForm(_YearForm):
    """What a document allocates to a school."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=FundingChannel)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose)
    amount = _amount_field()
    document = forms.CharField(label=gettext_lazy("Document number"), max_length=60)
    decision = forms.CharField(
        label=gettext_lazy("Collective decision"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("For dues: the meeting that decided, and its number."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("channel") == FundingChannel.DUES and not cleaned.get("decision"):
            self.add_error("decision", _("Dues are spent by a collective decision: name it."))
        return cleaned


class ProposalsForm(IdempotentForm):
    """What a document allocates to each school through a channel, beginning with proposals."""

    document = forms.CharField(label=gettext_lazy("Document number"), max_length=60)
    decision = forms.CharField(
        label=gettext_lazy("Collective decision"),
        max_length=100,
        help_text=gettext_lazy("The meeting that decided, and its number."),
    )

    def __init__(self, data: Any, *, channel: str, proposals: list[Proposal]) -> None:
        super().__init__(data)
        if channel != FundingChannel.DUES:
            del self.fields["decision"]
        self.proposals = {f"amount_{one.school.pk}_{one.rule.purpose}": one for one in proposals}
        for name, one in self.proposals.items():
            self.fields[name] = _amount_field(
                label=f"{one.school.name} · {one.rule.get_purpose_display()}",
                min_value=0,
                required=False,
                initial=one.amount,
                help_text=_("Proposed: %(proposed)s yuan; granted already: %(given)s yuan.")
                % {"proposed": format_amount(one.amount), "given": format_amount(one.given)},
            )

    def clean_document(self) -> str:
        return without_resident_id(str(self.cleaned_data["document"]))

    def clean_decision(self) -> str:
        return without_resident_id(str(self.cleaned_data["decision"]))

    def amounts(self) -> list[tuple[Proposal, Decimal]]:
        """What is decided for each school and purpose that gets something."""
        typed = {name: self.cleaned_data.get(name) for name in self.proposals}
        return [(self.proposals[name], amount) for name, amount in typed.items() if amount]


class CarryOverForm(_YearForm):
    """What is carried over from a year into the next one."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=FundingChannel)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose)
    amount = _amount_field()
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, data: Any, *, on: date, year: int) -> None:
        super().__init__(data, on=on, year=year)
        self.fields["year"].help_text = _("The year that has money left; the next one gets it.")


class AdjustForm(ReasonForm):
    """How much an allocation becomes more or less, and why."""

    amount = _amount_field(
        min_value=None,
        help_text=gettext_lazy("What is added; with a minus what is taken away."),
    )


class ClassSelect(TypeAhead):
    """Classes, found by title, code or pinyin."""

    def words_of(self, row: TrainingClass) -> str:
        return f"{pinyin_of(row.title)} {row.code}"


class _ClassField(forms.ModelChoiceField):
    widget = ClassSelect

    def label_from_instance(self, obj: TrainingClass) -> str:
        return f"{obj.title} · {obj.code}"


def _exception_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason for an exception"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Only for a cost beyond a rule that allows exceptions: why, and by which decision or "
            "record of procurement. The organisation department decides."
        ),
    )


class CommitForm(_YearForm):
    """A cost for which a school asks for money."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=FundingChannel)
    use = forms.ChoiceField(
        label=gettext_lazy("Use"),
        choices=FundUse,
        help_text=gettext_lazy("General running costs are never paid from dues."),
    )
    subject = forms.CharField(label=gettext_lazy("What for, and to whom"), max_length=100)
    training_class = _ClassField(
        TrainingClass.objects.none(),
        label=gettext_lazy("Class"),
        required=False,
        empty_label=gettext_lazy("no class"),
    )
    amount = _amount_field()
    instructor = InstructorField(
        Instructor.objects.none(),
        label=gettext_lazy("Lecturer of the fee"),
        required=False,
        empty_label=gettext_lazy("no lecturer"),
        help_text=gettext_lazy("For a lecturer fee: the title sets the ceiling for each hour."),
    )
    fee_hours = forms.DecimalField(
        label=gettext_lazy("Paid hours"),
        required=False,
        min_value=STEP,
        max_digits=6,
        decimal_places=2,
        validators=[validate_step],
        help_text=gettext_lazy("For a lecturer fee."),
    )
    exception_reason = _exception_field()

    def __init__(self, data: Any, *, school: School, on: date, year: int) -> None:
        super().__init__(data, on=on, year=year)
        classes: Any = self.fields["training_class"]
        classes.queryset = TrainingClass.objects.filter(school=school).order_by("-pk")
        lecturers: Any = self.fields["instructor"]
        lecturers.queryset = Instructor.objects.order_by("name_pinyin", "pk")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("use") != FundUse.LECTURER_FEE:
            for name in ("instructor", "fee_hours"):
                if cleaned.get(name):
                    self.add_error(name, _("Only a lecturer fee has this."))
        return cleaned


class AskForClassForm(IdempotentForm):
    """Which costs of a class are asked for, and from which money."""

    costs = forms.MultipleChoiceField(
        label=gettext_lazy("Costs"), widget=forms.CheckboxSelectMultiple
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        required=False,
        choices=[("", gettext_lazy("as the rates say")), *FundingChannel.choices],
    )
    exception_reason = _exception_field()

    def __init__(self, data: Any, *, costs: list[ClassCost]) -> None:
        missing = [cost.code for cost in costs if cost.is_waiting]
        super().__init__(data, initial={"costs": missing})
        field: Any = self.fields["costs"]
        field.choices = [
            (cost.code, f"{cost.name} · {cost.key.year} · {format_amount(cost.new_amount)}")
            for cost in costs
        ]


class VoucherForm(IdempotentForm):
    """A voucher of a cost: its kind, and the file."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of voucher"))
    upload = forms.FileField(
        label=gettext_lazy("File"),
        error_messages={"required": gettext_lazy("Choose a file first.")},
        help_text=gettext_lazy("A photograph of it (JPEG, PNG, WebP) or a PDF, at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )

    invoice_number = forms.CharField(
        label=gettext_lazy("Invoice number"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Of a receipt: it is refused if it proves another cost already."),
    )

    def __init__(self, *args: Any, kinds: list[VoucherKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [(kind.value, kind.label) for kind in kinds]
        if VoucherKind.RECEIPT not in kinds:
            del self.fields["invoice_number"]

    def clean_invoice_number(self) -> str:
        return without_resident_id(self.cleaned_data["invoice_number"])


class ExceptionForm(ReasonForm):
    """Whether an exception is granted, and why."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("", gettext_lazy("choose")), *ExceptionOutcome.choices],
    )

    field_order = ("outcome", "reason")


class PayForm(IdempotentForm):
    """How much was paid."""

    amount = _amount_field(
        help_text=gettext_lazy("A part is possible; the rest stays approved."),
    )
