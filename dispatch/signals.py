"""Signals that higher apps may react to."""

from django.dispatch import Signal

# Sent inside the transaction after a confirmed letter was cancelled: `training_class`, `reason`,
# `by` and `at`. A receiver calls off its sessions that have not begun.
letter_cancelled = Signal()
