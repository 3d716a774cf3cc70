"""What can be checked by looking at code, templates and models. No test here needs a database."""
