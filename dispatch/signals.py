"""Signals that higher apps may react to."""

from django.dispatch import Signal

# Sent inside the transaction after a confirmed letter was cancelled: `training_class`, `reason`,
# `by` and `at`. A receiver calls off its sessions that have not begun.
letter_cancelled = Signal()

# Asks what trainees said of lecturers: `instructor_ids`, and the day `on`. A receiver answers, by
# lecturer, what has the `mean` of the `answers`; those of whom too few said something are left out.
feedback_asked = Signal()
