"""Booking letters of schools, the engagements of lecturers for them, and their rule."""

from dispatch.models.engagements import Engagement, EngagementOverride, PlanLine, PlanVersion
from dispatch.models.letters import (
    BookingItem,
    BookingLetter,
    BookingStep,
    JointSchool,
    WishedDate,
)
from dispatch.models.rules import BookingRule

__all__ = [
    "BookingItem",
    "BookingLetter",
    "BookingRule",
    "BookingStep",
    "Engagement",
    "EngagementOverride",
    "JointSchool",
    "PlanLine",
    "PlanVersion",
    "WishedDate",
]
