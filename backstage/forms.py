"""Form parts that every writing page shares."""

from uuid import uuid4

from django import forms


class IdempotentForm(forms.Form):
    """A form with a key of its own, so that sending it twice acts once."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
