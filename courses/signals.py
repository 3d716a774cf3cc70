"""What the apps above may object to or react to."""

from django.dispatch import Signal

# Sent inside the transaction, the stored row locked, before what a roll was taken of
# changes (class, course, venue, times, hours): `session` (as stored). A receiver objects by
# raising `RecordError`.
session_changing = Signal()

# Sent inside the transaction, the class locked, after how many it takes may have changed:
# `training_class`, `by`, `at`, and `field`, where the person changed it, or "" where that is of no
# class in particular. A receiver lets in who waits, and objects by raising `RecordError`.
places_changed = Signal()
