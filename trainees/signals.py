"""Signals that higher apps may object to, react to or answer."""

from django.dispatch import Signal

# Sent inside the transaction that merges two rows of a member or undoes a merge, before any row is
# locked. A receiver takes the locks that its own actions begin with, so that none of them reads the
# old holder of the hours meanwhile.
members_merging = Signal()

# Sent inside that transaction, with the members locked, before `given_up` is merged into `kept`:
# both, `year` (hours and facts move from this year on, the first that is not closed), `closed` (the
# account of the row given up, if it is closed because the other row has one), `by` and `at`. A
# receiver moves the current data of the row given up, and returns what it `Moved`.
members_merged = Signal()

# The same after `given_up` is no longer merged: `kept`, `given_up`, `year`, `account` (the one that
# the row given up gets back, if it had one), `moved` (facts and record returned at the merge), `by`
# and `at`.
members_unmerged = Signal()

# Sent to show two rows side by side: `kept`, `given_up`, `on`. A receiver returns further facts as
# `Compared`.
members_compared = Signal()

# Sent inside the transaction that records that a member leaves, before any row is locked:
# `member_id`, `on` (the first day on which they belong to no organisation), `why` (the reason for
# the trail), `by` and `at`. A receiver ends what its app holds of the member for days to come, and
# returns sentences for the check page.
member_leaving = Signal()

# Sent inside the transaction of an action that changes when something is owed, after the change,
# for its check page: `member`, `first` (the first day of the change), `user` and `on` (today). A
# receiver returns sentences.
owing_changed = Signal()
