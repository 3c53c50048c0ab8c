"""The app that a text names: imported, made by a factory, or an error that says where it is not."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgi_testkit.errors import UsageError
from asgi_testkit.finding import AppSource, choose_source, find_app, project_sources

NUMBERS = itertools.count()
APPS = """
class App:
    async def __call__(self, scope, receive, send): ...
    def make(self): return self

async def app(scope, receive, send): ...
async def wrapped(*args, **kwargs): ...
def double(scope): ...
instance = App()
def create_app(debug=False): return instance
async def create_late(): return instance
def create_number(): return 7
def create_for(name): return instance
number = 7
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def module(folder: Path, text: str = APPS) -> str:
    """Write a module that was never imported before, and return its name."""
    name = f"found_{next(NUMBERS)}"
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize("attribute", ["app", "wrapped", "double", "instance"])
def test_app_is_returned_as_it_is(folder: Path, attribute: str) -> None:
    name = module(folder)

    found = find_app(f"{name}:{attribute}", app_dir=folder)

    assert found is getattr(sys.modules[name], attribute)


@pytest.mark.parametrize("attribute", ["create_app", "instance.make"])
def test_attribute_that_needs_no_argument_is_called_for_the_app(
    folder: Path, attribute: str
) -> None:
    name = module(folder)

    found = find_app(f"{name}:{attribute}", app_dir=folder)

    assert found is sys.modules[name].instance


def test_class_that_needs_no_argument_is_called_for_the_app(folder: Path) -> None:
    name = module(folder)

    assert type(find_app(f"{name}:App", app_dir=folder)) is sys.modules[name].App


def test_factory_is_not_called_where_it_is_said_to_be_none(folder: Path) -> None:
    name = module(folder)

    found = find_app(f"{name}:create_app", factory=False, app_dir=folder)

    assert found is sys.modules[name].create_app


@pytest.mark.parametrize(
    ("attribute", "factory", "text"),
    [
        ("missing", None, r"has no attribute 'missing', wanted for the app 'found_\d+:missing'"),
        ("missing", None, "could be meant: app, wrapped, create_app"),
        ("instance.other", None, "App object at .* has no attribute 'other'"),
        ("number", None, "is 7, which cannot be called"),
        ("number", True, "is 7: no factory"),
        ("create_number", None, "is 7, which cannot be called"),
        ("create_late", None, "is async"),
    ],
)
def test_what_is_no_app_is_said(
    folder: Path, attribute: str, factory: bool | None, text: str
) -> None:
    with pytest.raises(UsageError, match=text):
        find_app(f"{module(folder)}:{attribute}", factory=factory, app_dir=folder)


@pytest.mark.parametrize("spec", ["", "shop", "shop:", ":app", "shop/main.py:app"])
def test_text_of_another_form_is_refused_with_the_form(spec: str) -> None:
    with pytest.raises(UsageError, match=r"'module:attribute', such as 'shop\.main:app'"):
        find_app(spec)


@pytest.mark.parametrize("name", ["nowhere", "json.nowhere", "nowhere.main"])
def test_missing_module_is_named_with_the_folders_that_were_searched(
    folder: Path, name: str
) -> None:
    with pytest.raises(UsageError, match=r"There is no module '.*nowhere'") as refused:
        find_app(f"{name}:app", app_dir=folder)

    assert f"\n  {folder}" in str(refused.value)


def test_import_error_of_the_app_itself_is_not_touched(folder: Path) -> None:
    name = module(folder, "import nothing_of_this_name")

    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name") as raised:
        find_app(f"{name}:app", app_dir=folder)

    assert raised.value.name == "nothing_of_this_name"


def test_error_of_a_factory_is_not_touched(folder: Path) -> None:
    name = module(folder, "def create_app(): raise KeyError('setting')")

    with pytest.raises(KeyError, match="setting"):
        find_app(f"{name}:create_app", app_dir=folder)


def test_first_source_that_names_an_app_is_chosen() -> None:
    sources = [AppSource("a"), AppSource("b", "shop:app"), AppSource("c", "other:app")]

    assert choose_source(sources) == AppSource("b", "shop:app")


def test_every_source_is_listed_where_none_names_an_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LITESTAR_APP", raising=False)

    with pytest.raises(UsageError, match="No app is named") as refused:
        choose_source([AppSource("the flag"), *project_sources(tmp_path)])

    assert str(refused.value).splitlines()[1:] == [
        "  the flag: not set",
        f"  [tool.fastapi] entrypoint in {tmp_path / 'pyproject.toml'}: there is no such file",
        "  the environment variable LITESTAR_APP: not set",
    ]


@pytest.mark.parametrize(
    ("text", "spec", "note"),
    [
        ('[tool.fastapi]\nentrypoint = "shop:app"', "shop:app", ""),
        ("[tool]\nfastapi = 7", "", ""),
        ("[tool.fastapi", "", "the file cannot be read"),
    ],
)
def test_fastapis_entry_point_is_read(tmp_path: Path, text: str, spec: str, note: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    found = next(project_sources(tmp_path))

    assert (found.spec, found.note[: len(note) or None]) == (spec, note)


def test_litestars_variable_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITESTAR_APP", "shop:app")

    assert [source.spec for source in project_sources(tmp_path)] == ["", "shop:app"]
