"""The adapter for requests: `TestClient`, and `ASGIAdapter` to mount on any session.

The only folder that imports requests and urllib3, by their public names. Requests are translated
to the protocol's values and responses back; everything else of a session is requests' own.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("requests") is None:
    raise ImportError(
        "asgi_testkit.requests needs requests, which is not installed:"
        ' pip install "asgi-testkit[requests]"',
        name="requests",
    )

from asgi_testkit.requests.adapters import ASGIAdapter
from asgi_testkit.requests.clients import TestClient
from asgi_testkit.requests.websockets import WebSocketDenialResponse

__all__ = ("ASGIAdapter", "TestClient", "WebSocketDenialResponse")
