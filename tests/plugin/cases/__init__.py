"""Test files that are copied and run by pytest in a process of its own."""
