"""What was recorded, so that every change of it is known: finals, their basis, baselines."""
