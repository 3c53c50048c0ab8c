"""A failure shows the test's line and the app's, and what stands between them is cut out."""

from __future__ import annotations

from pathlib import Path

import pytest

from asgi_testkit import TestClient
from asgi_testkit.pytest_plugin.frames import cut
from tests.plugin.cases import shop
from tests.plugin.runs import Run, run_pytest

WAYS = ["get_in_thread", "get_inline", "get_async", "get_by_transport", "stream"]
APP_LINE = '>       return {}["nothing"]'
TELL_WHAT_A_DEBUGGER_SEES = """
import traceback

SEEN = []

def pytest_exception_interact(node, call):
    names = [entry.path.name for entry in call.excinfo.traceback]
    files = traceback.extract_tb(call.excinfo.tb)
    SEEN.append(f"{node.name} sees {'routing.py' in names} {len(names) == len(files)}")

def pytest_terminal_summary(terminalreporter):
    for line in SEEN:
        terminalreporter.write_line(line)
"""
OUT = ("site-packages", "asgi_testkit/", "contextlib.py")


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("failures")
    (folder / "conftest.py").write_text(TELL_WHAT_A_DEBUGGER_SEES, encoding="utf-8")
    return run_pytest(folder, case="failures")


def marked(lines: list[str]) -> list[str]:
    """Return the source lines that pytest points at."""
    return [line for line in lines if line.startswith(">")]


def mentions(lines: list[str], *texts: str) -> list[str]:
    return [line for line in lines if any(text in line for text in texts)]


@pytest.mark.parametrize("way", WAYS)
def test_error_of_an_endpoint_behind_middlewares_takes_less_than_40_lines(
    failures: Run, way: str
) -> None:
    assert len(failures.failure(f"test_fail[{way}]")) < 40


@pytest.mark.parametrize("way", WAYS)
def test_last_source_line_is_the_apps(failures: Run, way: str) -> None:
    shown = failures.failure(f"test_fail[{way}]")

    assert marked(shown) == ['>       get("/fail")', APP_LINE]
    assert shown[-1].endswith("KeyError")


@pytest.mark.parametrize("way", WAYS)
def test_no_frame_of_ours_the_client_library_or_the_framework_is_shown(
    failures: Run, way: str
) -> None:
    assert mentions(failures.failure(f"test_fail[{way}]"), *OUT) == []


def test_exceptions_of_the_app_are_caught_as_ever(failures: Run) -> None:
    assert failures.summary.strip() == f"17 failed, {len(WAYS)} passed, 1 error"


def test_cause_within_the_app_is_shown_with_the_apps_lines(failures: Run) -> None:
    shown = failures.failure("test_chain")

    assert marked(shown) == [
        '>           return {}["nothing"]',
        '>       TestClient(app).get("/chain")',
        '>           raise SoldOutError("lamps") from error',
    ]
    assert mentions(shown, *OUT) == []


def test_both_members_of_a_group_are_shown_with_the_apps_lines(failures: Run) -> None:
    shown = failures.failure("test_group")

    assert len(mentions(shown, "raise SoldOutError(name)")) == 2
    assert mentions(shown, *OUT) == []


def test_error_inside_a_library_shows_the_librarys_frames_below_the_apps_line(
    failures: Run,
) -> None:
    shown = failures.failure("test_library")

    assert mentions(shown, 'return json.loads("{")', ": in loads", ": in decode")[1:] != []
    assert marked(shown)[-1] == ">           obj, end = self.scan_once(s, idx)"
    assert mentions(shown, *OUT) == []


def test_app_without_a_line_of_its_own_keeps_the_librarys_frames(failures: Run) -> None:
    shown = failures.failure("test_no_app")

    assert mentions(shown, "starlette/applications.py", "starlette/routing.py") != []
    assert mentions(shown, "asgi_testkit/", "httpx2/") == []


def test_error_of_a_websocket_endpoint_shows_its_line(failures: Run) -> None:
    assert marked(failures.failure("test_websocket")) == [
        ">           session.receive_text()",
        '>       raise SoldOutError("chat")',
    ]


def test_usage_error_shows_the_tests_line_alone(failures: Run) -> None:
    shown = failures.failure("test_usage")

    assert marked(shown) == ['>       TestClient(app).get("ftp://elsewhere/")']


def test_error_that_a_test_has_translated_keeps_its_cause_cut(failures: Run) -> None:
    shown = failures.failure("test_again")

    assert marked(shown) == [
        '>           TestClient(app).get("/fail")',
        APP_LINE,
        '>           raise AssertionError("the shop fails") from error',
    ]


@pytest.mark.parametrize("test", ["test_set_up", "TestCase.test_unittest"])
def test_fixtures_and_cases_of_unittest_are_cut_too(failures: Run, test: str) -> None:
    assert marked(failures.failure(test)) == ['>       get_in_thread("/fail")', APP_LINE]


def test_assertion_in_the_test_is_left_alone(failures: Run) -> None:
    shown = failures.failure("test_assertion")

    assert marked(shown) == [">       assert response.status_code == 200"]
    assert mentions(shown, "where 404 = <Response [404 Not Found]>.status_code") != []


@pytest.mark.parametrize(
    ("test", "line"),
    [
        ("test_startup", '>       raise SoldOutError("start")'),
        ("test_shutdown", '>       raise SoldOutError("stop")'),
        ("test_run", ">       raise SoldOutError(name)"),
    ],
)
def test_error_of_a_lifespan_or_a_function_in_the_apps_loop_shows_its_line(
    failures: Run, test: str, line: str
) -> None:
    shown = failures.failure(test)

    assert marked(shown)[1:] == [line]
    assert mentions(shown, *OUT) == []


def test_without_the_plugin_no_frame_of_ours_is_shown_for_an_error_of_the_app(
    tmp_path: Path,
) -> None:
    apps = ("-k", "not usage")

    run = run_pytest(tmp_path, "-p", "no:asgi_testkit", *apps, case="failures")

    assert run.summary.strip() == f"16 failed, {len(WAYS)} passed, 1 deselected, 1 error"
    assert mentions(run.lines, "src/asgi_testkit/") == []


@pytest.mark.parametrize("style", ["short", "native"])
def test_other_styles_are_cut_too_and_end_at_the_apps_line(tmp_path: Path, style: str) -> None:
    run = run_pytest(tmp_path, f"--tb={style}", "-k", "test_fail and thread", case="failures")

    shown = run.failure("test_fail[get_in_thread]")
    assert mentions(shown, "starlette/", "httpx2/", "asgi_testkit/") == []
    assert mentions(shown, 'return {}["nothing"]', "KeyError: 'nothing'")[1:] != []


def test_one_line_style_names_the_apps_line(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--tb=line", "-k", "test_fail and thread", case="failures")

    assert mentions(run.lines, "shop.py:24: KeyError: 'nothing'") != []


def test_full_trace_cuts_nothing(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--full-trace", "-k", "test_fail and thread", case="failures")

    shown = run.failure("test_fail[get_in_thread]")
    assert mentions(shown, "starlette/") != []
    assert mentions(shown, "asgi_testkit/") != []


def test_debugger_sees_every_frame(failures: Run) -> None:
    assert mentions(failures.lines, "test_fail[get_in_thread] sees")[0].endswith("True True")


# -- in this process ------------------------------------------------------------------------


def functions(exception: BaseException) -> list[str]:
    traceback, names = exception.__traceback__, []
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    return names


def raised_by_the_shop() -> KeyError:
    with pytest.raises(KeyError, match="nothing") as caught:
        TestClient(shop.app).get("/fail")
    return caught.value


def test_what_was_cut_can_be_put_back() -> None:
    error = raised_by_the_shop()
    before = (functions(error), error.__cause__, error.__context__, error.__suppress_context__)

    wholes = list(cut(error))
    during = functions(error)
    for whole in wholes:
        whole.put_back()

    assert during == ["raised_by_the_shop", *["pass_on"] * 3, "fail"]
    after = (functions(error), error.__cause__, error.__context__, error.__suppress_context__)
    assert after == before


def test_group_that_only_wrapped_the_exception_is_no_cause_of_it() -> None:
    error = raised_by_the_shop()
    wrapper = error.__cause__

    list(cut(error))

    assert isinstance(wrapper, ExceptionGroup)
    assert error.__cause__ is None


def test_exception_that_never_passed_through_us_is_left_alone() -> None:
    with pytest.raises(KeyError, match="nothing") as caught:
        {}["nothing"]

    assert list(cut(caught.value)) == []


def test_member_of_a_tests_own_group_is_cut_and_the_group_is_not() -> None:
    error = raised_by_the_shop()
    group = ExceptionGroup("both", [error, ValueError("else")])

    wholes = list(cut(group))

    assert [whole.exception for whole in wholes] == [error]


def test_exceptions_that_name_each_other_as_causes_are_cut_once() -> None:
    error = raised_by_the_shop()
    error.__cause__ = other = ValueError("other")
    other.__cause__ = error

    assert [whole.exception for whole in cut(error)] == [error, other]
