"""Admin pages of this app."""

from trainees.admin import register

__all__ = ["register"]
