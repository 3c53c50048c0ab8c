"""All rules as data, by id: HTTP, WebSocket, lifespan, each by number.

Data only; a module each for what belongs together. Sources: ASGI 3.0 (`asgi`), HTTP & WebSocket
2.5 (`www`), Lifespan 2.0 (`lifespan`), Extensions (`extensions`), RFC 6455, 9110 and 9112. What
servers do is measured: uvicorn 0.54.0, Hypercorn 0.18.0, Granian 2.8.7, Daphne 4.2.3, on
HTTP/1.1. uvicorn alone means its default (httptools, websockets-sansio) and `h11` or `wsproto`
that protocol class; of several ways to break a rule the worst outcome is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from asgi_testkit.protocol.rule import Rule
from asgi_testkit.protocol.rule_table.http_bodies import RULES_OF_HTTP_BODIES
from asgi_testkit.protocol.rule_table.http_ends import RULES_OF_HTTP_ENDS
from asgi_testkit.protocol.rule_table.http_extensions import RULES_OF_HTTP_EXTENSIONS
from asgi_testkit.protocol.rule_table.http_fields import RULES_OF_HTTP_FIELDS
from asgi_testkit.protocol.rule_table.http_messages import RULES_OF_HTTP_MESSAGES
from asgi_testkit.protocol.rule_table.lifespan import RULES_OF_LIFESPAN
from asgi_testkit.protocol.rule_table.websocket_ends import RULES_OF_WEBSOCKET_ENDS
from asgi_testkit.protocol.rule_table.websocket_fields import RULES_OF_WEBSOCKET_FIELDS
from asgi_testkit.protocol.rule_table.websocket_messages import RULES_OF_WEBSOCKET_MESSAGES

__all__ = ("RULES",)

_TABLE = (
    *RULES_OF_HTTP_MESSAGES,
    *RULES_OF_HTTP_FIELDS,
    *RULES_OF_HTTP_BODIES,
    *RULES_OF_HTTP_ENDS,
    *RULES_OF_HTTP_EXTENSIONS,
    *RULES_OF_WEBSOCKET_MESSAGES,
    *RULES_OF_WEBSOCKET_FIELDS,
    *RULES_OF_WEBSOCKET_ENDS,
    *RULES_OF_LIFESPAN,
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in _TABLE})
