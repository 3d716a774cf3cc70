"""Small helpers without models. Each module is named for what it does."""
