"""What a lane at the door sends: scanned or typed text, or a person chosen from a list."""

from __future__ import annotations

from uuid import uuid4

from django import forms

_LARGEST_ID = 2**63 - 1
_LONGEST_WAIT = 10**9


class DoorForm(forms.Form):
    """`key` identifies the mark that may result, so that a request sent again acts only once.

    `person` is the user who opened the page: another tab may have signed in somebody else since.
    `seconds_ago` is how long the scan waited in the lane for a network. A code may have any length.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    person = forms.IntegerField()
    text = forms.CharField(required=False)
    member = forms.IntegerField(min_value=1, max_value=_LARGEST_ID, required=False)
    seconds_ago = forms.IntegerField(min_value=0, max_value=_LONGEST_WAIT, required=False)
