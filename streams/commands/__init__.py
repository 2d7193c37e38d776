"""The commands of `vouch`, one module each."""
