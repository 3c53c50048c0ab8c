"""The report layer: records made readable. It reads records and nothing else."""
