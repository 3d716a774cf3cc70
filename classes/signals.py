"""Signals that higher apps may answer or react to."""

from django.dispatch import Signal

# Sent inside a transaction, with the sessions locked: `sessions`, and `member_id` to ask about one
# member only. A receiver returns the numbers of the sessions that have marks.
marks_asked = Signal()

# Asks in a read: `enrolments` (a queryset) and `at`. A receiver returns the keys of the
# enrolments with a phone in their pocket.
pockets_asked = Signal()

# Asks in a read which classes members have attended: `member_ids`. A receiver returns a query of
# the keys of these classes.
attendance_asked = Signal()
