"""Modules, the menu of courses, training classes, sessions and venues."""
