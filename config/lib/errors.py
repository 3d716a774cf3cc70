"""The base class of errors in an action."""


class PortalError(Exception):
    """An action was refused; nothing was written. The message may be shown to the user."""
