"""Thin shells that run the core; none knows a word of the domain."""
