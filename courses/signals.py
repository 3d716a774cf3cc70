"""What the apps above may object to or react to."""

from django.dispatch import Signal

# Sent inside the transaction, the stored row locked, before what a roll was taken of
# changes (class, course, venue, times, hours): `session` (as stored). A receiver objects by
# raising `RecordError`.
session_changing = Signal()
