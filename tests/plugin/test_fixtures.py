"""The fixtures, the marker, and the app's name, in runs of pytest of their own."""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path

import pytest

from asgi_testkit import AsyncTestClient, TestClient
from asgi_testkit.client.build import CallOptions
from asgi_testkit.pytest_plugin.marker import BLOCKING_ONLY, CLIENT_OPTIONS
from tests.plugin.runs import CASES, Run, run_pytest

APP = "--asgi-app=kiosk:app"
NEEDS_CLIENT = "def test_it(asgi_client): assert asgi_client.get('/nowhere').status_code == 404\n"
SCOPED = """
import pytest
from hypothesis import given, strategies
seen = set()

@given(number=strategies.integers())
def test_drawn(asgi_client, number):
    assert asgi_client.get(f"/{number}").status_code == 404
    seen.add(asgi_client)

def test_same(asgi_client):
    assert seen == {asgi_client}

@pytest.mark.asgi(strict=True)
def test_late(asgi_client): ...
"""


def run(folder: Path, *arguments: str, test: str = NEEDS_CLIENT, **more: str) -> Run:
    shutil.copy(CASES / "kiosk.py", folder)
    return run_pytest(folder, *arguments, test=test, **more)


@pytest.mark.parametrize(
    ("mode", "chosen", "passed"),
    # In its auto mode pytest-asyncio takes anyio's tests, too.
    [("strict", "test", "12 passed"), ("auto", "not anyio", "9 passed, 3 deselected")],
)
def test_fixtures_work_under_every_runner(
    tmp_path: Path, mode: str, chosen: str, passed: str
) -> None:
    shutil.copy(CASES / "kiosk.py", tmp_path)
    plugins = ("-p", "asyncio", "-p", "anyio", "-p", "hypothesispytest")
    options = ("-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function")

    arguments = (*plugins, *options, "-W", "error", APP, "-k", chosen)
    done = run_pytest(tmp_path, *arguments, case="fixtures")

    assert done.summary.strip() == passed, done.out


def test_fixtures_work_under_anyio_alone(tmp_path: Path) -> None:
    shutil.copy(CASES / "kiosk.py", tmp_path)

    done = run_pytest(tmp_path, "-p", "anyio", "-W", "ignore", APP, "-k", "anyio", case="fixtures")

    assert done.summary.strip() == "3 passed, 9 deselected", done.out


def test_client_of_a_wider_scope_suits_hypothesis_and_refuses_late_markers(tmp_path: Path) -> None:
    options = (APP, "--asgi-client-scope=module", "-p", "hypothesispytest")

    done = run(tmp_path, *options, test=SCOPED)

    assert done.summary.strip() == "2 passed, 1 error", done.out
    assert done.failure("test_late")[0] == (
        "This test has a marker 'asgi' of its own, but asgi_client_scope is 'module': its client"
        " was made before, for other tests, too."
    )


@pytest.mark.parametrize(
    ("ini", "environment"),
    [
        ("[pytest]\nasgi_app = kiosk:app\n", {}),
        ("[pytest]\n", {"ASGI_TESTKIT_APP": "kiosk:app"}),
        ("[pytest]\n", {"LITESTAR_APP": "kiosk:app"}),
        ("[pytest]\nasgi_app = nowhere:app\n", {"ASGI_TESTKIT_APP": "kiosk:app"}),
    ],
)
def test_app_is_named_by_ini_and_environment(
    tmp_path: Path, ini: str, environment: dict[str, str]
) -> None:
    (tmp_path / "pytest.ini").write_text(ini, encoding="utf-8")

    assert run(tmp_path, **environment).status == 0


def test_app_is_named_by_native_toml_and_fastapis_entry_point(tmp_path: Path) -> None:
    text = '[tool.pytest]\nasgi_client_scope = "module"\n[tool.fastapi]\nentrypoint = "kiosk:app"\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    assert run(tmp_path).status == 0


def test_error_says_where_an_app_was_looked_for(tmp_path: Path) -> None:
    test = f"{NEEDS_CLIENT}def test_direct(asgi_app): ...\ndef test_without(): ...\n"

    done = run(tmp_path, test=test)

    assert done.summary.strip() == "1 passed, 2 errors"
    assert (
        done.failure("test_it")
        == done.failure("test_direct")
        == [
            "No app is named. Looked for, in this order:",
            "  --asgi-app: not set",
            "  The environment variable ASGI_TESTKIT_APP: not set",
            "  The ini option asgi_app: not set",
            f"  [tool.fastapi] entrypoint in {tmp_path}/pyproject.toml: there is no such file",
            "  the environment variable LITESTAR_APP: not set",
            REMEDY,
        ]
    )


def test_app_that_is_not_there_names_its_source(tmp_path: Path) -> None:
    shown = run(tmp_path, "--asgi-app=kiosk:other").failure("test_it")

    assert shown[0].startswith("The module 'kiosk'")
    assert shown[-1] == "It is named by: --asgi-app."


def test_own_error_of_the_apps_module_is_shown_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "sick.py").write_text("import nothing_of_this_name\n", encoding="utf-8")

    shown = run(tmp_path, "--asgi-app=sick:app").failure("test_it")

    assert "E   ModuleNotFoundError: No module named 'nothing_of_this_name'" in shown


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("strickt=True", "The marker 'asgi' has no option 'strickt'. Did you mean 'strict'?"),
        ("'kiosk:app'", "The marker 'asgi' takes named options only; it was given ('kiosk:app',)."),
    ],
)
def test_marker_that_cannot_be_is_an_error(tmp_path: Path, marker: str, text: str) -> None:
    test = f"import pytest\n@pytest.mark.asgi({marker})\ndef test_it(): ...\n"

    assert run(tmp_path, "--strict-markers", test=test).failure("test_it")[0] == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--asgi-client-scope=test", "--asgi-client-scope is 'test'; it may be: function, class"),
        ("--asgi-driver=process", "--asgi-driver is 'process'; it may be: thread, inline."),
        ("--asgi-trace=yes", "--asgi-trace is 'yes'; it may be: off, on, retain-on-failure."),
    ],
)
def test_option_that_cannot_be_ends_the_run(tmp_path: Path, arguments: str, text: str) -> None:
    done = run(tmp_path, arguments)

    assert (done.status, text in done.errors) == (4, True)


def test_short_names_are_not_taken_where_no_app_is_named(tmp_path: Path) -> None:
    shown = run(tmp_path, test="def test_it(client): ...").failure("test_it")

    assert "E       fixture 'client' not found" in shown


def test_short_names_are_left_to_a_plugin_for_django(tmp_path: Path) -> None:
    fixture = "import pytest\n@pytest.fixture\ndef client(): return 'theirs'\n"
    (tmp_path / "theirs.py").write_text(fixture, encoding="utf-8")
    conftest = (
        "import theirs\n"
        "def pytest_configure(config): ...\n"
        "def pytest_addoption(pluginmanager): pluginmanager.register(theirs, 'django')\n"
    )
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")

    assert run(tmp_path, APP, test="def test_it(client): assert client == 'theirs'\n").status == 0


def test_conftest_overrides_the_app_and_the_short_name(tmp_path: Path) -> None:
    conftest = (
        "import kiosk, pytest\n"
        "@pytest.fixture\n"
        "async def app(): ...\n"
        "@pytest.fixture\n"
        "def asgi_app(): return kiosk.hasty\n"
        "@pytest.fixture\n"
        "def client(asgi_client): return asgi_client.app\n"
    )
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    test = "import kiosk\ndef test_it(client): assert client is kiosk.hasty\n"

    assert run(tmp_path, APP, test=test).status == 0


def test_driver_of_clients_that_were_told_none_is_an_option(tmp_path: Path) -> None:
    test = (
        "import threading, kiosk\n"
        "from asgi_testkit import TestClient\n"
        "async def app(scope, receive, send):\n"
        "    seen.append(threading.current_thread())\n"
        "    await kiosk.app(scope, receive, send)\n"
        "seen = []\n"
        "def test_it():\n"
        "    TestClient(app).get('/')\n"
        "    TestClient(app, backend='trio').get('/')\n"
        "    assert [one is threading.main_thread() for one in seen] == [True, False]\n"
    )

    done = run(tmp_path, "--asgi-driver=inline", test=test)

    assert done.status == 0, done.out


def test_markers_options_are_those_of_the_clients() -> None:
    call_options = set(CallOptions.__annotations__)
    options = {name: set(inspect.signature(kind).parameters) for name, kind in CLIENTS.items()}

    assert set(CLIENT_OPTIONS) == options["blocking"] - {"app", "options"} | call_options
    assert set(BLOCKING_ONLY) == options["blocking"] - options["async"]


REMEDY = (
    "Or override the fixture asgi_app in a conftest.py, or mark the test:"
    " @pytest.mark.asgi(app=...)."
)
CLIENTS = {"blocking": TestClient, "async": AsyncTestClient}
