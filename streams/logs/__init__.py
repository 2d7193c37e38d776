"""The log: where every part of the system meets, and nowhere else."""
