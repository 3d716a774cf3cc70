"""Training classes as they are held: rosters, order, leave, notices, materials, ratings."""
