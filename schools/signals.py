"""Signals with which higher apps refuse or answer actions of this app."""

from django.dispatch import Signal

# Sent inside the transaction, with the tree locked, before organisations move to another school or
# to none. Arguments: `organisation_ids`, `on` (the first day). A receiver raises `SchoolsError` to
# refuse.
serving_school_changing = Signal()

# Sent inside the transaction before something is founded from a day before this year, and to ask
# whether the system administrator still founds. Arguments: `on` (the first day). A receiver raises
# `SchoolsError` if the site has figures, which are settled for past years.
past_founding = Signal()

# Sent inside the transaction, with the school locked, before it closes. Arguments: `school`, `on`
# (the first day without it), `at`. A receiver returns `Blocker`s for what must be done first.
school_closing = Signal()

# Sent inside the transaction once nothing blocks it. Arguments: `school`, `into`, `on` (the first
# day without `school`), `by`, `at`. A receiver transfers planned items and returns sentences.
school_merging = Signal()
