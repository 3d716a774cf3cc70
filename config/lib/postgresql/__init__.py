"""The database engine that the settings name: Django's own for PostgreSQL, asking less often."""
