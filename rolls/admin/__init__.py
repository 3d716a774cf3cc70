"""The pages of this app in the administration."""

from rolls.admin import door, evidence

__all__ = ["door", "evidence"]
