"""What the apps above may object to or answer."""

from django.dispatch import Signal

# Sent inside the transaction, the tree locked, before organisations pass to another school or to
# none: `organisation_ids`, `on` (the first day). A receiver objects by raising `SchoolsError`.
serving_school_changing = Signal()

# Sent inside the transaction, the school locked, before it closes: `school`, `on` (the first day
# without it), `at`. A receiver answers with `Blocker`s that say what is to be settled first.
school_closing = Signal()

# Sent inside the transaction once nothing is in the way: `school`, `into`, `on` (the first day
# without `school`), `by`, `at`. A receiver hands over what is planned, and answers with sentences.
school_merging = Signal()
