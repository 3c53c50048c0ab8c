"""Tests of the drive layer."""
