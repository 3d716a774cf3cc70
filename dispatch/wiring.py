"""Registers booking and dispatch with the registries of the apps below."""


def register() -> None:
    """Register everything."""
