"""What type checkers are shown, and the test that asks them; nothing here is run."""
