"""HTTP: the intake, the metrics and the live page."""
