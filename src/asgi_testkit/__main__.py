"""`python -m asgi_testkit`: the command line."""

from __future__ import annotations

import sys

from asgi_testkit.cli.main import main

__all__ = ()

if __name__ == "__main__":
    sys.exit(main())
