# Generated from tests/httpx2/__init__.py by scripts/write_httpx.py.
"""Part of the test suite."""
