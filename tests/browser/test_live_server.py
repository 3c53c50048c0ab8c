"""A page of an app on a real server, in a real browser: it fetches, and talks over a WebSocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from asgi_testkit import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGE = """<!doctype html>
<title>Teashop</title>
<p id=stock></p>
<ul id=talk></ul>
<button>Ask</button>
<script>
  const show = (text) => {
    const line = document.createElement("li");
    line.textContent = text;
    document.querySelector("#talk").append(line);
  };
  fetch("/stock").then((response) => response.json()).then((stock) => {
    document.querySelector("#stock").textContent = `${stock.green} tins of green tea`;
  });
  const socket = new WebSocket(`ws://${location.host}/talk`, ["tea"]);
  socket.onopen = () => show(`talking ${socket.protocol}`);
  socket.onmessage = (message) => show(message.data);
  socket.onclose = (close) => show(`closed ${close.code} ${close.reason}`);
  document.querySelector("button").onclick = () => socket.send("Is it fresh?");
</script>
"""


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE, headers={"link": "<data:,>; rel=icon"})


async def stock(request: Request) -> JSONResponse:
    return JSONResponse({"green": 7})


async def talk(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="tea")
    question = await websocket.receive_text()
    await websocket.send_text(f"{question} Very.")
    await websocket.close(4000, "closing time")


@pytest.fixture
def live_asgi_app() -> Starlette:
    routes = [Route("/", page), Route("/stock", stock), WebSocketRoute("/talk", talk)]
    return Starlette(routes=routes)


def test_page_fetches_and_talks_to_the_app(live_asgi_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(10_000)
    try:
        page.goto(live_asgi_server.url)
        page.get_by_text("7 tins of green tea").wait_for()
        page.get_by_text("talking tea").wait_for()
        page.get_by_role("button").click()
        page.get_by_text("closed 4000 closing time").wait_for()
        talked = page.locator("#talk li").all_inner_texts()
    finally:
        page.close()

    assert talked == ["talking tea", "Is it fresh? Very.", "closed 4000 closing time"]
    assert 'GET /stock HTTP/1.1" 200' in live_asgi_server.log
