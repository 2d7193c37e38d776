"""Counting again from the evidence: what it is, how it is shared out, and who counts."""
