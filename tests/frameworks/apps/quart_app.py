"""The shop in Quart: views on a blueprint, the started flag in the app's `config`."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, Quart, Response, current_app, jsonify, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from .shop import FAILURE, download, measure

__all__ = ("create_app",)

views = Blueprint("views", __name__)


def create_app(log: list[str]) -> Quart:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""
    app = Quart(__name__)
    app.config["STARTED"] = "no"
    app.register_blueprint(views)

    @app.before_serving
    async def startup() -> None:
        log.append("startup")
        app.config["STARTED"] = "yes"

    @app.after_serving
    async def shutdown() -> None:
        app.config["STARTED"] = "no"
        log.append("shutdown")

    return app


@views.get("/hello")
async def hello() -> Response:
    return _text("hello")


@views.post("/echo")
async def echo() -> Response:
    content: Any = await request.get_json()  # any JSON there is
    return jsonify(content)


@views.post("/upload")
async def upload() -> dict[str, int]:
    return await measure(request.body)


@views.get("/download")
async def stream_download() -> Response:
    return Response(download())


@views.get("/fail")
async def fail() -> Response:
    raise RuntimeError(FAILURE)


@views.get("/old")
async def old() -> WerkzeugResponse:
    return redirect("/hello")


@views.get("/login")
async def login() -> Response:
    response = _text("welcome")
    response.set_cookie("session", "abc")
    return response


@views.get("/whoami")
async def whoami() -> Response:
    return _text(request.cookies.get("session", "nobody"))


@views.get("/started")
async def started() -> Response:
    return _text(current_app.config["STARTED"])


@views.get("/asgi")
async def asgi() -> Response:
    return _text(request.scope["asgi"]["version"])


def _text(content: str) -> Response:
    return Response(content, content_type="text/plain; charset=utf-8")
