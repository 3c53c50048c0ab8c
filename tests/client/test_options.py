"""A wrong option is refused by name, with what it may be."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from asgi_testkit import AsyncTestClient, ClientStateError, TestClient, UsageError
from tests.apps import raw

BLOCKING_ONLY = [
    ({"backend": "curio"}, "backend is 'curio'; it may be: 'asyncio', 'trio', 'asgiref'"),
    ({"backend": "uvloop"}, r"pass backend_options=\{'use_uvloop': True\}"),
    ({"driver": "process"}, "driver is 'process'; it may be: 'thread', 'inline'"),
    ({"backend_options": {"uvloop": True}}, "backend_options has 'uvloop'; asyncio's may be"),
    ({"driver": "inline", "backend": "trio"}, "driver='inline' runs on asyncio only"),
]
FOR_BOTH = [
    ({"base_url": "/api"}, "base_url is '/api'; an absolute http or https URL is wanted"),
    ({"base_url": "ftp://x"}, "base_url is 'ftp://x'; an absolute http or https URL"),
    ({"strict": "yes"}, "strict is 'yes'; it may be: True, False, 'warn'"),
    ({"strict": 1}, "strict is 1; it may be: True, False, 'warn'"),
    ({"strict": 0}, "strict is 0; it may be: True, False, 'warn'"),
    ({"background": "later"}, "background is 'later'; it may be: 'wait', 'detach'"),
    ({"ignore_rules": "H01"}, "ignore_rules is the string 'H01'; a set is wanted"),
    ({"ignore_rules": {"X99"}}, "ignore_rules names 'X99', which is no rule"),
    ({"http_version": "4"}, "http_version is '4'; it may be"),
    ({"http_version": 2}, "http_version is 2; it may be"),
    ({"client": "1.2.3.4"}, r"client is '1\.2\.3\.4'; a pair \(host, port\) is wanted"),
    ({"server": ("x",)}, r"server is \('x',\); a pair \(host, port\) is wanted"),
    ({"grace": -1}, "grace is -1 seconds; it must be 0 or more"),
    ({"tiemout": 1}, "Unknown option .tiemout.. Did you mean .timeout."),
]


@pytest.mark.parametrize(("options", "text"), [*FOR_BOTH, *BLOCKING_ONLY])
def test_blocking_client_refuses_a_wrong_option(options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        TestClient(raw.hello, **options)


@pytest.mark.parametrize(("options", "text"), FOR_BOTH)
def test_async_client_refuses_a_wrong_option(options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        AsyncTestClient(raw.hello, **options)


@pytest.mark.parametrize(
    ("missing", "options", "text"),
    [
        ("trio", "backend='trio'", "pip install 'asgi-testkit[trio]'"),
        ("uvloop", "backend_options={'use_uvloop': True}", "pip install 'asgi-testkit[uvloop]'"),
    ],
)
def test_runtime_that_is_not_installed_is_named(missing: str, options: str, text: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from asgi_testkit import TestClient, UsageError\n"
        "async def app(scope, receive, send): ...\n"
        f"try: TestClient(app, {options})\n"
        "except UsageError as error: print(error)\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert text in ended.stdout


def test_closed_client_is_refused_for_requests_and_blocks() -> None:
    client = TestClient(raw.hello)
    client.close()

    with pytest.raises(ClientStateError, match="a closed client stays closed"):
        client.get("/")
    with pytest.raises(ClientStateError, match="is closed and cannot be entered"):
        client.__enter__()
