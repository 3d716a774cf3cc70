"""The pages of this app in the administration."""

from trainees.admin import register

__all__ = ["register"]
