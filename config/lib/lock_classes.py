"""The first keys of our advisory locks: each kind of lock has a class of its own."""

from enum import IntEnum, unique


@unique
class LockClass(IntEnum):
    """What an advisory lock is for; the second key says which one of its kind."""

    JOBS = 7421  # the name of the job's queue
    DOCUMENT_NUMBERS = 7422  # the year
    TREE = 7423
    STORED_FILES = 7424
    DRILL = 7425
    SEALS = 7426
    GUESSES = 7427  # what is guessed at, hashed
    GUESSES_OF_NETWORK = 7428  # the network, hashed
    LETTER_NUMBERS = 7429
    BOOKING_NUMBERS = 7430  # the school
    PLAN_VERSIONS = 7431
    YEARS = 7432  # the year; shared by what changes its figures, exclusive to lock it
    RECONCILIATION_PARTS = 7433  # the part
    STATEMENT_NUMBERS = 7434  # the year
    BALANCES = 7439
    ANNUAL_TASKS = 7440  # the year; one who drafts its task, or warns by it, at a time
    RECONCILIATIONS = 7441  # the year; one begins at a time, before it locks the year
    RESULT_KEYS = 7442  # 0; shared to store results, alone to delete what results name
    FUNDS = 7443  # the school and channel; who moves money takes these in order, then reads
    SPECIAL_AUDITS = 7446  # the special audit; who acts on it waits, then reads
    RECEIPTS = 7450  # 0; who adds a receipt looks whether it stands at another cost
