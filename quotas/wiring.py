"""Registers annual tasks and claims with the registries of the apps below."""


def register() -> None:
    """Register everything."""
