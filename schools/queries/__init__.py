"""Queries that join models or prepare a page."""
