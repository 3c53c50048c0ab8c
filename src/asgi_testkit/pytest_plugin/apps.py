"""The app of the fixtures: where it is named, and what stands for it where it is not."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NoReturn

import pytest

from asgi_testkit.pytest_plugin.options import sources

__all__ = ("MissingApp", "is_app_configured", "load_app")


class MissingApp:
    """Stands for the app where none is named, or what is named is not there.

    A marker may name one, so this is no error before it is used.

    Attributes:
        text: what was looked for, and where.
    """

    def __init__(self, text: str) -> None:
        self.__dict__["text"] = text

    def __repr__(self) -> str:
        return "<no app: see the fixture asgi_app>"

    def __call__(self, *_: object) -> NoReturn:
        """Fail the test that calls it."""
        pytest.fail(self.text, pytrace=False)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # asked by Python and by tools, not by the test
            raise AttributeError(name)
        pytest.fail(self.text, pytrace=False)


def is_app_configured(config: pytest.Config) -> bool:
    """Return whether a flag, the environment or the ini file names an app for the tests."""
    return any(sources("app", config).values())


def load_app(config: pytest.Config) -> Any:  # any framework's app
    """Import and return the app that is named, or what stands for it.

    What its module or its factory raises is raised as it is.
    """
    # Here, since most runs use no fixture, and nothing of ours is imported at the plugin's top.
    finding = import_module("asgi_testkit.finding")
    named = [finding.AppSource(where, spec or "") for where, spec in sources("app", config).items()]
    try:
        source = finding.choose_source([*named, *finding.project_sources(config.rootpath)])
        try:
            return finding.find_app(source.spec, app_dir=config.rootpath)
        except finding.UsageError as error:
            return MissingApp(f"{error}\nIt is named by: {source.where}.")
    except finding.UsageError as error:
        return MissingApp(
            f"{error}\nOr override the fixture asgi_app in a conftest.py, or mark the test:"
            " @pytest.mark.asgi(app=...)."
        )
