"""The examples, which are tests too."""
