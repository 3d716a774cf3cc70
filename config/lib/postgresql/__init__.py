"""The database engine named in the settings: Django's PostgreSQL engine with fewer queries."""
