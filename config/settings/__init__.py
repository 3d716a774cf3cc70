"""Settings: `base` is safe for production and reads the environment; the others only override."""
