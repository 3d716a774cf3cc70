"""Modules, courses, training classes, sessions and venues."""
