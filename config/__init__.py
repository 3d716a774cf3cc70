"""Wiring of the portal: settings, addresses, Celery, and commands that span all apps."""
