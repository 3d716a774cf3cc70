"""Signals that higher apps may object or react to."""

from django.dispatch import Signal

# Sent inside the transaction, with the stored row locked, before a change to data that a roll
# depends on (class, course, venue, times, hours): `session` (as stored), `changed`, the names of
# these columns, and `by`. A receiver objects by raising `RecordError`.
session_changing = Signal()

# Sent inside the transaction after a session was saved: `session`, `stored` (as it was before; None
# for a new one), `by` and `at`. A receiver moves its rows along, and objects by raising
# `RecordError`.
session_saved = Signal()

# Sent inside the transaction after a class was planned with all its sessions, or got one more:
# `training_class`, `by` and `at`.
class_planned = Signal()

# Sent inside the transaction after sessions of one class were called off: `sessions`, `reason`,
# `by` and `at`.
sessions_called_off = Signal()

# Sent inside the transaction, with the class locked, after its capacity may have changed:
# `training_class`, `by`, `at`, and `field`, which is the changed form field, or "" if the change
# concerns no single class. A receiver gives places to waiting members, and objects by raising
# `RecordError`.
places_changed = Signal()

# Sent inside the transaction, with the class locked, after other schools join it or no longer do:
# `training_class`, `joined` and `left` (schools), `by` and `at`. A receiver objects by raising
# `RecordError`.
joining_schools_changed = Signal()

# Asks which sessions were delivered. A receiver answers with a queryset of their keys; a session is
# delivered if any of them has it.
delivered_asked = Signal()
