"""What happens: the pure core, and the thin shells that run it."""
