"""Keys by period: where they lie, and what they open and close."""
