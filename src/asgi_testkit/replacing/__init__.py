"""The drop-in: our clients under the names of others, for test-suites that nobody has to edit.

Nothing here imports what it replaces at its top, and nothing below imports this.
"""
