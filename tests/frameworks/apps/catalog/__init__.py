"""A Django app with one model, for the tests of what a test and its app see in the database."""
