"""What the apps above may object to, react to or answer."""

from django.dispatch import Signal

# Sent inside the transaction that merges two rows of a member, or takes them apart, before any row
# is locked. A receiver locks what its own acts begin with, so that none of them reads an old holder
# meanwhile.
members_merging = Signal()

# Sent inside that transaction, the members locked, before `given_up` is merged into `kept`: both,
# `year` (the first one of which evidence moves), `closed` (the account of the row given up, where
# it is closed because the other row has one), `by` and `at`. A receiver moves what stands for the
# row given up, and answers with what it `Moved`.
members_merged = Signal()

# The same once `given_up` is merged into nobody any more: `kept`, `given_up`, `year`, `account`
# (that of the row given up as it will be again, if it had one), `moved` (the facts told at the
# merge), `by` and `at`.
members_unmerged = Signal()

# Sent when two rows are shown beside each other: `kept`, `given_up`, `on`. A receiver answers with
# what else is `Compared`.
members_compared = Signal()

# Sent inside the transaction of an act that changes when something is owed, after it, for its
# check page: `member`, `first` (the day from which on), `user` and `on` (today). A receiver answers
# with sentences.
owing_changed = Signal()
