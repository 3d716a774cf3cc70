"""What the apps above may object to or react to."""

from django.dispatch import Signal

# Sent inside the transaction, the stored row locked, before the class, the date or the hours of
# a session change: `session` (as stored). A receiver objects by raising `RecordError`.
session_changing = Signal()
