"""Receivers for signals of lower apps."""
