"""Recomputation on Beam: the core's sweep over partitions, on one machine or on a cluster."""
