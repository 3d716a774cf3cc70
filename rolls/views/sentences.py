"""Sentences for confirmation pages that several acts share."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rolls.forms.sheet_numbers import FilledIn


def filled_in(filled: FilledIn) -> list[str]:
    """The effects of sheet numbers on a roll form; steps that changed nobody are left out."""
    told = [_("%(mark)s %(n)d") % {"mark": mark, "n": n} for mark, n in filled.named if n]
    sentences = []
    if told:
        sentences.append(_("Filled in from the sheet: %(marks)s.") % {"marks": _(", ").join(told)})
    if filled.changed:
        text = ngettext(
            "Of them %(n)d had another mark before.",
            "Of them %(n)d had another mark before.",
            filled.changed,
        )
        sentences.append(text % {"n": filled.changed})
    if filled.rest:
        text = ngettext(
            "%(n)d other person without a mark is set to absent.",
            "%(n)d others without a mark are set to absent.",
            filled.rest,
        )
        sentences.append(text % {"n": filled.rest})
    if filled.unmarked:
        text = ngettext(
            "%(n)d person has no mark still.",
            "%(n)d people have no mark still.",
            filled.unmarked,
        )
        sentences.append(text % {"n": filled.unmarked})
    return [*sentences, _("Nothing is saved yet: compare with the sheet, then save or submit.")]
