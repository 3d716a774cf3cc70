"""Signals that higher apps answer."""

from django.dispatch import Signal

# Asks when a lecturer teaches: `instructor`, and the days `first` to `last`. A receiver answers
# with a list of `instructors.queries.availability.Teaching`.
teaching_asked = Signal()
