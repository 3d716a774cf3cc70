"""What the apps above may object to, react to or answer."""

from django.dispatch import Signal

# Sent inside a transaction, the sessions locked: `sessions`, and `member_id` where marks of one
# member are asked for. A receiver answers with the numbers of those sessions that have marks.
marks_asked = Signal()

# Sent inside a transaction: `enrolments` (a queryset) and `at`. A receiver answers with the keys of
# those whose phone is in their pocket.
pockets_asked = Signal()

# Sent when it is asked which classes members have come to: `member_ids`. A receiver answers with a
# query of the keys of these classes.
attendance_asked = Signal()
