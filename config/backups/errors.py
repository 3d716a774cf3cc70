"""What keeps a backup from being made or restored."""


class BackupError(Exception):
    """The message is one line for the person at the keyboard."""
