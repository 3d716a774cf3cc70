"""Small helpers without models, each named for what it does."""
