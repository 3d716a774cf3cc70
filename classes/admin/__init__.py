"""Admin pages of this app."""

from classes.admin import ratings, rosters

__all__ = ["ratings", "rosters"]
