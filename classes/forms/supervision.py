"""The form for a teaching supervisor's note on a session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from classes.actions.supervision import Observation
from classes.models import SupervisionDraft, SupervisionNote
from classes.models.supervision import LONGEST_ADVICE, LONGEST_AMENDMENT, LONGEST_OBSERVATION
from config.lib.periods import SHANGHAI
from config.lib.resident_ids import holds_resident_id
from config.lib.text_forms import LinesField
from courses.models import Session

SAVE, FILE = "save", "file"


class SupervisionForm(IdempotentForm):
    """A note saved as a draft or filed; for a filed note, its next version with a reason."""

    act = forms.ChoiceField(choices=[(SAVE, ""), (FILE, "")], widget=forms.HiddenInput)
    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    arrived = forms.TimeField(
        label=gettext_lazy("There from"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    observed = LinesField(
        label=gettext_lazy("What was observed"),
        max_length=LONGEST_OBSERVATION,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Teaching, order of the class, attendance, venue and equipment. Name no trainee."
        ),
    )
    advice = LinesField(
        label=gettext_lazy("Advice"),
        max_length=LONGEST_ADVICE,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why is the note amended?"), max_length=LONGEST_AMENDMENT
    )

    def __init__(
        self,
        data: Any = None,
        *,
        session: Session,
        draft: SupervisionDraft | None,
        last: SupervisionNote | None,
    ) -> None:
        written = draft or last
        arrived = written.visited_at if written else session.starts_at
        super().__init__(
            data,
            initial={
                "act": FILE,
                "seen_version": last.version if last else 0,
                "arrived": arrived.astimezone(SHANGHAI).time(),
                "observed": written.observed if written else "",
                "advice": written.advice if written else "",
                "reason": draft.reason if draft else "",
            },
        )
        self.session = session
        # A first version that is sent twice stays one version, although it exists by then.
        is_first = data.get("seen_version") == "0" if data is not None else last is None
        if is_first:
            del self.fields["reason"]
        if data is not None and data.get("act") == SAVE:  # a draft may be incomplete
            for name in {"observed", "reason"} & self.fields.keys():
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("observed", "advice", "reason"):
            if holds_resident_id(cleaned.get(name, "")):
                self.add_error(name, _("An ID number does not belong here."))
        return cleaned

    @property
    def observation(self) -> Observation:
        """The content of the valid form; the day is that of the session."""
        data = self.cleaned_data
        arrived = datetime.combine(self.session.held_on, data["arrived"], SHANGHAI)
        return Observation(arrived, data["observed"], data["advice"], data.get("reason", ""))
