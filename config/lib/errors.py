"""The base of what can go wrong in an act."""


class PortalError(Exception):
    """An act was refused; nothing was written. Its message may be shown to the person who acted."""
