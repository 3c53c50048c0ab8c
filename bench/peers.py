"""The list of peers, in the order of the table's rows."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from bench.floor import Floor
from bench.httpx_peers import HTTPX_PEERS
from bench.other_peers import OTHER_PEERS
from bench.peer import missing_module
from bench.raw_peers import RAW_PEERS
from bench.requests_peers import REQUESTS_PEERS
from bench.websocket_peers import WEBSOCKET_PEERS

if TYPE_CHECKING:
    from bench.peer import AnyPeer

__all__ = ("FLOOR", "PEERS", "TITLES", "YARDSTICK", "is_installed", "versions")

PEERS: tuple[type[AnyPeer], ...] = (
    Floor,
    *HTTPX_PEERS,
    *REQUESTS_PEERS,
    *OTHER_PEERS,
    *RAW_PEERS,
    *WEBSOCKET_PEERS,
)

TITLES = {peer.key: peer.title for peer in PEERS}

# The rows that the two columns of ratios compare with.
FLOOR = "floor"
YARDSTICK = "starlette"

ALSO_IN_USE = ("fastapi", "uvloop", "wsproto")


def is_installed(peer: type[AnyPeer]) -> bool:
    """Whether all that a peer imports can be found."""
    return missing_module(peer.modules) is None


def versions() -> dict[str, str]:
    """Return the version of each distribution in use, "no version" where none is installed."""
    peers = (peer.distribution for peer in PEERS if peer.distribution)
    names = dict.fromkeys((*peers, *ALSO_IN_USE))
    return {name: installed_version(name) for name in names}


def installed_version(distribution: str) -> str:
    """Return one distribution's version."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "no version"
