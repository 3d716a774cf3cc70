"""Reads of this app that join models or shape a page, by subject."""
