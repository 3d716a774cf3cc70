"""Settings: `base` is safe for production and reads the environment; others override it."""
