"""Reads of booking and dispatch."""
