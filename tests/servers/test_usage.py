"""What `serve` refuses before anything is started."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit import serve
from asgi_testkit.errors import UsageError, UsageTypeError, UsageValueError
from tests.processes import run_script
from tests.servers.apps import echo
from tests.servers.places import APPS

ECHO = f"{APPS}:echo"


@pytest.mark.parametrize(
    ("over", "name"),
    [
        *(("uvicorn", name) for name in ("host", "port", "fd", "uds", "workers", "reload_dirs")),
        *(("hypercorn", name) for name in ("bind", "insecure_bind", "quic_bind", "workers")),
        *(("granian", name) for name in ("address", "port", "uds", "workers", "metrics_port")),
        ("daphne", "endpoints"),
    ],
)
def test_where_it_listens_cannot_be_given(over: str, name: str) -> None:
    with pytest.raises(UsageValueError, match=f"^{name} cannot be given: .* on loopback only"):
        serve(ECHO, over, **{name: 1})


def test_an_unknown_server_is_told_with_those_that_are_known() -> None:
    expected = "^over is 'gunicorn'; it may be: 'uvicorn', 'hypercorn', 'granian', 'daphne'"

    with pytest.raises(UsageValueError, match=expected):
        serve(ECHO, "gunicorn")


def test_a_server_that_is_not_installed_is_told_with_what_to_install() -> None:
    text = run_script(
        "import json, sys\n"
        "from asgi_testkit.servers.kinds import find_kind\n"
        "sys.path.clear()\n"
        "try:\n    find_kind('granian')\n"
        "except Exception as error:\n    print(json.dumps(str(error)))"
    )

    assert text == (
        "over='granian' needs granian, which is not installed."
        " Install it: pip install 'asgi-testkit[granian]'."
    )


def test_an_app_object_in_a_process_is_refused_with_its_probable_name() -> None:
    with pytest.raises(UsageError, match=rf"Name the app instead: .*, probably '{APPS}:echo'"):
        serve(echo, where="process")


def test_an_app_object_without_a_name_is_refused_with_an_example() -> None:
    def make() -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None: ...

        return app

    expected = r"^daphne cannot run in a thread.* Name the app instead: .*, such as 'shop.main:app'"
    with pytest.raises(UsageError, match=expected):
        serve(make(), "daphne")


def test_a_named_app_cannot_be_asked_to_run_daphne_in_a_thread() -> None:
    with pytest.raises(UsageError, match=r"^daphne cannot run .*Leave where='thread' out"):
        serve(ECHO, "daphne", where="thread")


def test_an_object_that_is_no_app_is_refused() -> None:
    with pytest.raises(UsageTypeError, match=r"which cannot be called. An ASGI app is wanted"):
        serve(object())


def test_another_place_is_refused() -> None:
    with pytest.raises(UsageValueError, match=r"^where is 'here'; it may be: 'process'"):
        serve(ECHO, where="here")  # type: ignore[arg-type]


def test_a_thread_has_no_environment_of_its_own() -> None:
    with pytest.raises(UsageError, match=r"^env can be given to a server in a process"):
        serve(echo, env={"A": "b"})


@pytest.mark.parametrize(("timeout", "error"), [("1", UsageTypeError), (-1, UsageValueError)])
def test_a_timeout_that_is_none_is_refused(timeout: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^timeout is"):
        serve(ECHO, timeout=timeout)


def test_an_option_that_cannot_cross_to_a_process_is_told_by_its_name() -> None:
    with pytest.raises(UsageTypeError, match=r"^headers is .*cannot be handed to another process"):
        serve(ECHO, headers=lambda: None).start()
