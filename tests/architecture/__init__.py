"""Checks of code, templates and models by inspection. No test here needs a database."""
