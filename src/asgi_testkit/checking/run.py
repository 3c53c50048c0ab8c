"""`check`: runs the battery against an app, within its bounds, and returns what it has found."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, TypeAlias

from asgi_testkit.checking.acts import LeftError, Step, fetch
from asgi_testkit.checking.battery import battery
from asgi_testkit.checking.evidence import has_blocked, of_error, of_leak, of_warning
from asgi_testkit.checking.findings import Findings
from asgi_testkit.checking.inbox import Inbox, listening
from asgi_testkit.checking.paths import (
    DOCUMENTS,
    MISSING,
    Target,
    given_targets,
    targets_of,
)
from asgi_testkit.checking.progress import Progress
from asgi_testkit.checking.violation import Violation
from asgi_testkit.client.drivers import Backend
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.errors import (
    ASGIRuleError,
    StallError,
    UsageError,
    UsageTypeError,
    UsageValueError,
    WebSocketDisconnect,
)
from asgi_testkit.httpx2.clients import TestClient
from asgi_testkit.protocol.rules import Strictness
from asgi_testkit.types import ASGIApp

__all__ = ("check",)

Options: TypeAlias = Any  # what httpx2 takes for headers: it names no public types

_GRACE_SECONDS: Final = 0.5
# Notes on the end of an upload that was left: not every one tells of something left behind.
_NO_LEAK: Final = "Beside it, the app raised"


def check(
    app: ASGIApp,
    *,
    paths: Iterable[str] | None = None,
    websockets: Iterable[str] = (),
    timeout: float = 1.0,
    grace: float = _GRACE_SECONDS,
    max_requests: int = 200,
    max_seconds: float = 30.0,
    base_url: str = "http://testserver",
    headers: Options = None,
    strict: Strictness = "warn",
    ignore_rules: Collection[str] = (),
    ignore_exceptions: tuple[type[BaseException], ...] = (),
    driver: DriverKind = "thread",
    backend: Backend = "asyncio",
    backend_options: Mapping[str, Any] | None = None,
    scope_extensions: Mapping[str, Mapping[str, Any]] | None = None,
    state: Mapping[str, Any] | None = None,
    progress: bool | None = None,
) -> list[Violation]:
    """Run a battery of requests against an app, and return what is wrong with it.

    Nothing has to be known of the app, and no network is used. It is asked in earnest: bodies are
    uploaded to what takes them, so give it a database of its own. Statuses do not matter: what is
    found are broken rules, exceptions that leave the app, leaks, and silence.

    Args:
        app: the ASGI app, of either generation.
        paths: what to ask for; left out: `/`, a path that is missing, and the paths of the app's
            OpenAPI document (`/openapi.json` or `/schema/openapi.json`), parameters filled in.
        websockets: paths of WebSockets; `/` is tried in any case, and may be denied.
        timeout: seconds of silence that are allowed; startup and shutdown have `max_seconds`.
        grace: seconds for the app to end after a client has left.
        max_requests: how many requests are made at most; the most telling ones come first.
        max_seconds: no request begins after that.
        base_url: scheme and host of the requests.
        headers: sent with every request, such as an authorization.
        strict: `False`: rules that are only warned about are no finding.
        ignore_rules: ids of rules that are no finding.
        ignore_exceptions: classes of exceptions that are no finding.
        driver: where the app runs, as `TestClient`'s; so are `backend`, `backend_options`,
            `scope_extensions` and `state`.
        backend: see `driver`.
        backend_options: see `driver`.
        scope_extensions: see `driver`.
        state: see `driver`.
        progress: whether a line on standard error tells how far it is; `None`: if that is a
            terminal.

    Returns:
        Each finding once, in the order in which they showed; empty: all is well.

    Raises:
        UsageError: the app is no app, or an argument is wrong; the text says what is wanted.
    """
    _check_bounds(max_requests, max_seconds, paths, websockets)
    client = TestClient(
        app,
        base_url,
        backend=backend,
        backend_options=backend_options,
        headers=headers,
        follow_redirects=False,
        driver=driver,
        timeout=max_seconds,
        state=state,
        strict=strict,
        ignore_rules=ignore_rules,
        grace=grace,
        scope_extensions=scope_extensions,
    )
    with listening() as inbox:
        run = _Run(client, inbox, max_requests, max_seconds, ignore_exceptions)
        run.all(paths, list(websockets), timeout=timeout, progress=progress)
    return run.findings.as_list()


class _Run:
    """One check of one app.

    Args:
        client: runs the app's lifespan.
        inbox: what is told otherwise than raised.
        max_requests: see `check`.
        max_seconds: see `check`.
        ignored: exceptions that are no finding.
    """

    def __init__(
        self,
        client: TestClient,
        inbox: Inbox,
        max_requests: int,
        max_seconds: float,
        ignored: tuple[type[BaseException], ...],
    ) -> None:
        self.findings = Findings()
        self._client = client
        self._inbox = inbox
        self._max_requests = max_requests
        self._ends_at = monotonic() + max_seconds
        self._ignored = ignored
        self._done = 0
        self._is_blocked = False
        self._was_slow = False
        self._given_up: set[tuple[str, str]] = set()

    def all(
        self,
        paths: Iterable[str] | None,
        websockets: Sequence[str],
        *,
        timeout: float,
        progress: bool | None,
    ) -> None:
        """Start the app up, ask it everything, and shut it down."""
        if not self._do("startup", self._client.__enter__):
            return
        user = self._client.new_client(timeout=timeout)
        targets = self._found_targets(user) if paths is None else given_targets(paths)
        steps = list(battery(targets, websockets))
        with Progress(min(len(steps) + self._done, self._max_requests), wanted=progress) as line:
            try:
                self._ask_all(user, steps, line, timeout=timeout)
            finally:
                self._do("shutdown", self._client.__exit__)
            line.end(self._done, len(self.findings), self._reason_to_stop())

    def _ask_all(
        self, user: TestClient, steps: Iterable[Step], line: Progress, *, timeout: float
    ) -> None:
        for step in steps:
            if (step.method, step.path) in self._given_up:
                continue
            if self._reason_to_stop():
                break
            line.show(self._done, len(self.findings), step.request)
            self._ask(user, step, timeout=timeout)

    def _reason_to_stop(self) -> str:
        if self._is_blocked:
            return "the app blocks its event loop."
        if self._done >= self._max_requests:
            return "max_requests is reached."
        return "max_seconds have passed." if monotonic() > self._ends_at else ""

    def _ask(self, user: TestClient, step: Step, *, timeout: float) -> None:
        self._done += 1
        user.cookies.clear()
        self._was_slow, began = False, monotonic()
        self._do(step.request, lambda: self._act(user, step), is_probe=step.is_probe)
        if self._was_slow or monotonic() - began > timeout:  # and would be again, each time
            self._given_up.add((step.method, step.path))

    def _act(self, user: TestClient, step: Step) -> None:
        if step.act(user, step) is False:  # a body without an end, that HEAD has nobody wait for
            self._given_up.add(("HEAD", step.path))

    def _do(self, request: str, act: Callable[[], object], *, is_probe: bool = False) -> bool:
        """Do something to the app and take what it has told; return whether nothing was raised."""
        try:
            act()
        except UsageError:
            raise
        except (Exception, SystemExit, CancelledError) as error:  # noqa: BLE001 - the app's
            self._note(self._told_by(error, request, is_probe=is_probe))
            is_done = False
        else:
            is_done = True
        self._take_told(request)
        return is_done

    def _told_by(
        self, error: BaseException, request: str, *, is_probe: bool
    ) -> Sequence[Violation]:
        if isinstance(error, (WebSocketDisconnect, *self._ignored)):
            return []
        if isinstance(error, LeftError):
            notes = getattr(error, "__notes__", ())
            return [of_leak(note, request) for note in notes if not note.startswith(_NO_LEAK)]
        if is_probe and not isinstance(error, ASGIRuleError | StallError):
            return []  # an app refuses a protocol that it does not speak by an exception
        self._is_blocked = self._is_blocked or has_blocked(error)
        return [of_error(error, request)]

    def _note(self, violations: Sequence[Violation]) -> None:
        self.findings.add(violations)
        if any(one.kind in ("timeout", "leak") for one in violations):
            self._was_slow = True

    def _take_told(self, request: str) -> None:
        for warning in self._inbox.take_warnings():
            if not isinstance(warning.__cause__, self._ignored):
                self._note([of_warning(warning, request)])
        for exception in self._inbox.take_exceptions():
            if not isinstance(exception, self._ignored):
                self._note([of_error(exception, request)])

    def _found_targets(self, user: TestClient) -> list[Target]:
        """Return the root, a missing path, and those of the app's OpenAPI document."""
        documented: list[Target] = []
        for path in DOCUMENTS:
            if not documented and not self._reason_to_stop():
                documented = targets_of(self._document(user, path))
        known = {target.path for target in documented}
        always = [one for one in given_targets(("/", MISSING)) if one.path not in known]
        return [*always, *documented]

    def _document(self, user: TestClient, path: str) -> bytes:
        bodies: list[bytes] = []
        self._done += 1
        self._do(f"GET {path}", lambda: bodies.append(fetch(user, path)))
        return bodies[0] if bodies else b""


def _check_bounds(
    max_requests: int, max_seconds: float, paths: Iterable[str] | None, websockets: Iterable[str]
) -> None:
    for name, value in (("max_requests", max_requests), ("max_seconds", max_seconds)):
        if value <= 0:
            raise UsageValueError(f"{name} is {value!r}; it must be more than 0.")
    for name, given in (("paths", paths), ("websockets", websockets)):
        if isinstance(given, str):
            raise UsageTypeError(f"{name} is the string {given!r}; a list is wanted: [{given!r}].")
