"""Admin pages of this app."""

from classes.admin import ratings, rolls, rosters

__all__ = ["ratings", "rolls", "rosters"]
