"""Wiring of the portal: settings, addresses, Celery, and the commands that span all apps."""
