"""Forms of this app's pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from hours.models import RequirementRule
from hours.queries.rules import list_requirement_rules


class RulesField(forms.ModelMultipleChoiceField):
    """Rules by whom they apply to; the page says the rest."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_group_display())


class ConfirmRulesForm(IdempotentForm):
    """The rules whose figures somebody compared with the text in force."""

    rules = RulesField(
        RequirementRule.objects.none(),
        label=gettext_lazy("Compared with the text in force"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick the rules that you compared.")},
    )

    def __init__(self, data: Any, *, on: date) -> None:
        super().__init__(data)
        field: Any = self.fields["rules"]
        field.queryset = list_requirement_rules(on).filter(to_be_verified=True)
