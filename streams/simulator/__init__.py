"""A phone service that never was: seeded, and honest about it."""
