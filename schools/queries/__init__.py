"""Reads that join models or shape a page."""
