"""What the money did, in figures: over a year, by class, by account, and on paper."""
