"""What a lane at the door sends: what was scanned or typed, or who was chosen of those found."""

from __future__ import annotations

from uuid import uuid4

from django import forms

_LARGEST_ID = 2**63 - 1
_LONGEST_WAIT = 10**9


class DoorForm(forms.Form):
    """`key` numbers the mark that may come of it, so that what is sent again acts once.

    `person` is whose page it is: another tab may have signed somebody else in since. `seconds_ago`
    says how long it waited in the lane for a network. A code may be of any length.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    person = forms.IntegerField()
    text = forms.CharField(required=False)
    member = forms.IntegerField(min_value=1, max_value=_LARGEST_ID, required=False)
    seconds_ago = forms.IntegerField(min_value=0, max_value=_LONGEST_WAIT, required=False)
