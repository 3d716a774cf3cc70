"""This app's pages in the administration."""

from rolls.admin import door, evidence

__all__ = ["door", "evidence"]
