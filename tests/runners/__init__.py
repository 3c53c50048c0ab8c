"""Our clients in the test runners that people use, and in event loops that run already."""
