"""The pages of this app in the administration."""

from classes.admin import ratings, rosters

__all__ = ["ratings", "rosters"]
