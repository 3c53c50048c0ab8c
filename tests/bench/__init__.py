"""Tests of the benchmark: what it concludes and writes, not what it measures."""
