"""200 random sequences on each driver: no hang, nothing lost, nothing out of order.

`tests/soak/test_many_sequences.py` plays a hundred times as many.
"""

from __future__ import annotations

import pytest

from tests.modes import MODES
from tests.session.exchange_sequences import check_exchanges
from tests.session.http_sequences import check_http
from tests.session.lifespan_sequences import check_lifespans
from tests.session.websocket_sequences import check_websockets

modes = pytest.mark.parametrize("mode", MODES)


@modes
def test_response_is_what_the_bare_exchange_says_whatever_app_and_client_do(mode: str) -> None:
    check_http(mode, 80)


@modes
def test_exchange_keeps_order_and_tells_a_failure_once_whatever_both_sides_do(mode: str) -> None:
    check_exchanges(mode, 40)


@modes
def test_websocket_keeps_order_and_tells_a_failure_once_whatever_both_sides_do(mode: str) -> None:
    check_websockets(mode, 60)


@modes
def test_lifespan_tells_a_failure_once_and_leaves_the_client_usable(mode: str) -> None:
    check_lifespans(mode, 20)
