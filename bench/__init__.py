"""The benchmark: this project's clients beside other ASGI test clients, timed in one run.

Run `python -m bench` from the root of the repository. Nothing in the package imports it.
"""
