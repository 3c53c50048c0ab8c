"""The app's line that sends is found, whatever lies between it and us."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from asgi_testkit import ASGIRuleError, TestClient
from asgi_testkit.drive.code_lines import sending_line
from tests.apps import loud
from tests.lines import line_of


def place_of(app: Any) -> str:
    """Return the line of the app that breaks a rule, as the error names it."""
    with pytest.raises(ASGIRuleError, match=r"\nApp: ") as caught:
        TestClient(app, strict=True).get("/")
    return caught.value.place


def line(source: str, function: str) -> str:
    return line_of(loud.__file__, f"await send({source}", function)


def test_line_is_that_of_the_app() -> None:
    assert place_of(loud.sends) == line("LOUD)  # by itself", "sends")


def test_line_of_a_function_that_helps_the_app_is_the_innermost() -> None:
    assert place_of(loud.is_helped) == line("LOUD)  # for the app", "send_loudly")


def test_line_is_that_of_the_middleware_which_sends_for_the_app() -> None:
    place = place_of(loud.wrapped(loud.sends))

    assert place == line("message)  # for the inner app", "send_on")


def test_line_of_the_app_comes_before_those_of_its_framework() -> None:
    place = place_of(Starlette(routes=[Route("/", loud.own_response)]))

    assert place == line("LOUD)  # below the framework", "__call__")


def test_line_of_a_library_is_named_where_no_line_of_the_app_sends() -> None:
    place = place_of(Starlette(routes=[Route("/", loud.response_of_a_library)]))

    assert "starlette" in place


def test_who_calls_from_outside_the_engine_is_named_itself() -> None:
    path, _, function = str(sending_line()).partition(":")

    assert path == "tests/drive/test_code_lines.py"
    assert function.endswith(" in test_who_calls_from_outside_the_engine_is_named_itself")
