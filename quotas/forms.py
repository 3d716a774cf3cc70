"""Forms of annual tasks, claims, and later facts of a closed year."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backstage.forms import IdempotentForm, ReasonForm, without_resident_id
from config.lib.hours import format_hours, validate_step
from courses.models import Module
from quotas.actions.tasks import Target
from quotas.amounts import say_amount
from quotas.enums import Measure
from quotas.models import ClaimLine, QuotaClaim, Reconciliation
from quotas.queries.actuals import Actuals, cell_of
from quotas.queries.statements import schools_to_sign
from quotas.validators import validate_amount
from schools.enums import Audience
from schools.models import School


class TargetForm(IdempotentForm):
    """A line for the draft of a task; one of the same measure, audience and module is replaced."""

    about = ("measure", "audience", "module", "amount")

    measure = forms.ChoiceField(label=gettext_lazy("Measure"), choices=Measure)
    audience = forms.ChoiceField(
        label=gettext_lazy("Audience"),
        choices=[("", gettext_lazy("all members")), *Audience.choices],
        required=False,
    )
    module = forms.ModelChoiceField(
        Module.objects.all(),
        label=gettext_lazy("Module"),
        required=False,
        empty_label=gettext_lazy("all modules"),
    )
    amount = forms.DecimalField(
        label=pgettext_lazy("of a task", "Amount"),
        max_digits=10,
        decimal_places=2,
        help_text=gettext_lazy("A number, credit hours or per cent, as the measure says."),
    )

    @property
    def target(self) -> Target:
        """What the valid form says."""
        return Target(**{name: self.cleaned_data[name] for name in TargetForm.about})


class AmendForm(ReasonForm):
    """The reason of a further version of a task."""


class WordsForm(IdempotentForm):
    """What the department asks of a school."""

    reason = forms.CharField(
        label=gettext_lazy("What should the school change?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reason(self) -> str:
        return without_resident_id(self.cleaned_data["reason"])


class ClaimForm(IdempotentForm):
    """What a school claims of each line, with its figure of the year before beside it."""

    def __init__(self, data: Any, *, claim: QuotaClaim, before: Actuals) -> None:
        super().__init__(data)
        self.lines: list[ClaimLine] = list(
            claim.lines.select_related("task_line__module").order_by("task_line")
        )
        for line in self.lines:
            asked = line.task_line
            words = {
                "task": say_amount(asked.amount, asked.measure),
                "before": say_amount(
                    before.amount(cell_of(*asked.key, claim.school_id)), asked.measure
                ),
            }
            self.fields[f"line_{asked.pk}"] = forms.DecimalField(
                label=asked.label,
                help_text=_("The district is set %(task)s. Done here the year before: %(before)s.")
                % words,
                min_value=0,
                max_digits=10,
                decimal_places=2,
                validators=[validate_step, partial(validate_amount, measure=asked.measure)],
                initial=format_hours(line.amount),
            )
        if claim.version > 1:
            self.fields["reason"] = forms.CharField(
                label=_("Why the claim changes"), max_length=200, initial=claim.reason
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason"):
            without_resident_id(cleaned["reason"])
        return cleaned

    @property
    def amounts(self) -> dict[int, Decimal]:
        """The amounts by line of the task."""
        return {
            line.task_line_id: self.cleaned_data[f"line_{line.task_line_id}"] for line in self.lines
        }


class AdjustmentForm(IdempotentForm):
    """A later fact of a closed year: of a member, or of a school, or of the district."""

    number = forms.CharField(
        label=gettext_lazy("Member number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Empty if it concerns no single member."),
    )
    school = forms.ModelChoiceField(
        School.objects.none(),
        label=gettext_lazy("School"),
        required=False,
        empty_label=gettext_lazy("Whole district"),
        help_text=gettext_lazy("Of a member it is the school where the result stands."),
    )
    hours = forms.DecimalField(
        label=gettext_lazy("Credit hours that it would have added"),
        required=False,
        max_digits=6,
        decimal_places=2,
        help_text=gettext_lazy("Only of a member. With a minus what it would have taken."),
    )
    words = forms.CharField(label=gettext_lazy("What is the case"), max_length=200)
    reason = forms.CharField(label=gettext_lazy("Why it was not counted"), max_length=200)
    evidence = forms.CharField(label=gettext_lazy("Evidence, and where it lies"), max_length=200)

    def __init__(self, *args: Any, run: Reconciliation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        field = cast(forms.ModelChoiceField, self.fields["school"])
        field.queryset = schools_to_sign(run)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("words", "reason", "evidence"):
            without_resident_id(data.get(name, ""))
        data["member"] = None
        if number := data.get("number", "").strip():
            results = self.run.results.filter(member__number=number)
            data["member"] = results.values_list("member", flat=True).first()
            if data["member"] is None:
                self.add_error("number", _("No member with this number has a result in this year."))
        return data
