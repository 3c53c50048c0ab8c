"""Test files as users write them; `test_runners.py` runs each in a pytest of its own."""
