"""The client: `TestClient`, requests' session with an app instead of a network."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, Unpack

from requests import PreparedRequest, Request, Response, Session

from asgi_testkit.client.build import CallOptions, blocking_host, check_names, no_base_url
from asgi_testkit.client.drivers import Backend
from asgi_testkit.client.host import SharedApp
from asgi_testkit.client.mixins import BlockingClientMixin, check_open
from asgi_testkit.client.openings import checked_subprotocols
from asgi_testkit.client.options import AppOptions, default_timeout
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.relay.choice import behind
from asgi_testkit.requests.adapters import ASGIAdapter
from asgi_testkit.requests.shortcuts import PreparedGets
from asgi_testkit.requests.values import as_limits
from asgi_testkit.requests.websockets import checked_options, handshake_request, open_line
from asgi_testkit.session.blocking_websocket import WebSocketSession
from asgi_testkit.session.handshake import Handshake
from asgi_testkit.session.timeouts import DEFAULT
from asgi_testkit.session.websocket import WebSocketLine
from asgi_testkit.types import ASGIApp

__all__ = ("TestClient",)

Options: TypeAlias = Any  # what requests takes for auth, cookies, hooks: it names no public types

_NO_LIMIT: Final = (None, None)  # `timeout=None`, as it can be told from one that is left out
_STOCK_PREPARE: Final = Session.prepare_request
_is_absolute: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://").match


class TestClient(BlockingClientMixin, Session):
    """A `requests.Session` that calls an ASGI app in process.

    Inside `with` the app's lifespan runs and its event loop lives; without, requests work all the
    same, on a loop that all such clients share. Leaving `with` ends the lifespan, not the client:
    it may be used and entered again; only `close()` closes it.

    There is no network: `proxies`, `verify` and `cert` are without effect, and nothing is read
    from the environment or `.netrc` (`trust_env` is false). Relative URLs are put behind
    `base_url`, its path included. What streams and is neither read to its end nor closed is left
    when the client is.

    Args:
        app: the ASGI app, of either generation.
        base_url: what relative URLs are put behind; also the scope's `scheme` and `server`.
        raise_server_exceptions: `False`: show the 500 or the cut response that the wire would.
        root_path: the scope's `root_path`; it is not put in front of `path`.
        backend: `"asyncio"` or `"trio"`; `"asgiref"`, chosen by itself for Django, is asyncio
            with thread-sensitive code run by the thread that waits.
        backend_options: for asyncio `use_uvloop`, `debug`, `loop_factory`; for trio what
            `trio.run` takes.
        cookies: a mapping or a cookie jar to begin with.
        headers: of every request; the user agent is `testclient` unless given.
        follow_redirects: what `allow_redirects` is where a call does not say (HEAD: false).
        client: the scope's `client`; `None`: unknown.
        driver: `"thread"`: the app runs in a background thread; `"inline"`: in this thread, only
            while the client waits; left out: `"thread"`, or what pytest or
            `ASGI_TESTKIT_DRIVER` gives.
        timeout: as requests' own: seconds of silence, or a pair: to send within, and of silence;
            left out: 30, or what pytest or `ASGI_TESTKIT_TIMEOUT` gives. The latter number also
            counts for lifespan and background work. A response read as a whole may take ten
            times as long.
        state: keys of the lifespan state that are there before startup.
        over: `"uvicorn"`, `"hypercorn"`, `"granian"` or `"daphne"`: the app, or what `app` names,
            runs on this real server, and all goes over the wire; left out or `"in-process"`: none.
        auth: as the session's attribute, and so are `params`, `hooks` and `max_redirects`.
        **options: `strict` and `ignore_rules`: which broken rules raise; `background`: `"wait"`
            or `"detach"`; `grace`: seconds to end in after leaving early; `server`: the scope's
            `server`; `http_version`; `scope_extensions`: offered beside the default ones.

    Attributes:
        base_url: as given.
        timeout: what counts for calls that give none; `None`: no limit.
        follow_redirects: as given.

    Raises:
        UsageError: the app is no app, or an argument is wrong; the text says what is wanted.
    """

    __test__ = False
    use_shortcuts = True
    """Whether plain requests take the short way; the results are the same."""

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,  # noqa: FBT001, FBT002 - Starlette's signature
        root_path: str = "",
        backend: Backend = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        cookies: Options = None,
        headers: Mapping[str, str | bytes] | None = None,
        follow_redirects: bool = True,  # noqa: FBT001, FBT002 - Starlette's signature
        client: tuple[str, int] | None = ("testclient", 50000),
        *,
        driver: DriverKind | None = None,
        timeout: Options = DEFAULT,
        state: Mapping[str, Any] | None = None,
        over: str | None = None,
        auth: Options = None,
        params: Options = None,
        hooks: Options = None,
        max_redirects: int = 30,
        **options: Unpack[CallOptions],
    ) -> None:
        timeout = default_timeout() if timeout is DEFAULT else timeout
        made_with = {name: value for name, value in locals().items() if name in _PARAMETERS}
        check_names(options, _PARAMETERS)
        super().__init__()
        target = behind(over, app, {**made_with, "options": options})
        host = blocking_host(
            target, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        adapter = ASGIAdapter(
            SharedApp(host),
            raise_server_exceptions,
            root_path,
            client,
            timeout=_silence(timeout),
            **options,
        )
        self._made_with = {**made_with, "cookies": None, **options}
        self._is_guest = isinstance(app, SharedApp)
        self._is_shut = False
        self._app_adapter = adapter
        self._prepared_gets = PreparedGets()
        self._app_host, self._app_options = host, adapter.options
        self.use_shortcuts = self.use_shortcuts and host.app.elsewhere is None
        self.base_url = _absolute(base_url)
        self.timeout = timeout
        self.follow_redirects = follow_redirects
        self.trust_env = False
        self.max_redirects = max_redirects
        self.mount("http://", adapter)
        self.mount("https://", adapter)
        self._set_up_session(headers, cookies, auth=auth, params=params, hooks=hooks)

    def _set_up_session(
        self, headers: Options, cookies: Options, *, auth: Options, params: Options, hooks: Options
    ) -> None:
        """Give the session's own attributes what the constructor was called with."""
        self.headers["User-Agent"] = "testclient"
        self.headers.update(headers or {})
        self.auth = auth
        self.params.update(params or {})
        self.cookies.update(cookies if hasattr(cookies, "set_cookie") else dict(cookies or {}))
        self.hooks.update(Request(hooks=hooks).hooks)  # one function or several, as a request's

    if not TYPE_CHECKING:  # for type checkers these have the signatures that requests gives them

        def request(
            self,
            method,
            url,
            params=None,
            data=None,
            headers=None,
            cookies=None,
            files=None,
            auth=None,
            timeout=DEFAULT,
            allow_redirects=None,
            *others,
            **options,
        ):
            """Send a request; see `requests.Session.request`.

            A `timeout` that is left out is the client's; `None`: no limit.
            """
            __tracebackhide__ = True
            if timeout is DEFAULT:
                timeout = self.timeout
            if allow_redirects is None:
                allow_redirects = self.follow_redirects
            return super().request(
                method,
                url,
                params,
                data,
                headers,
                cookies,
                files,
                auth,
                _NO_LIMIT if timeout is None else timeout,
                allow_redirects,
                *others,
                **options,
            )

        def get(self, url, params=None, **options):
            """Send a GET request; see `requests.Session.get`."""
            __tracebackhide__ = True
            return self.request("GET", url, params, **options)

        def options(self, url, **options):
            """Send an OPTIONS request; see `requests.Session.options`."""
            __tracebackhide__ = True
            return self.request("OPTIONS", url, **options)

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Prepare a request, whose URL may be relative; see `requests.Session.prepare_request`."""
        url = self._joined(request.url)
        prepare = super().prepare_request
        is_stock = getattr(prepare, "__func__", None) is _STOCK_PREPARE
        if not (is_stock and self.use_shortcuts):
            return prepare(_with_url(request, url))
        known = self._prepared_gets.find(self, request, url)
        if known is not None:
            return known
        prepared = prepare(_with_url(request, url))
        self._prepared_gets.learn(self, request, url, prepared)
        return prepared

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send a prepared request; see `requests.Session.send`.

        Raises:
            ClientStateError: the client is closed.
        """
        __tracebackhide__ = True
        check_open(is_closed=self._is_shut)
        return super().send(request, **options)

    def websocket_connect(
        self, url: str | bytes, subprotocols: Sequence[str] | None = None, **options: Any
    ) -> WebSocketSession:
        """Return a WebSocket session; entering it makes the handshake.

        Args:
            url: behind `base_url`, or absolute: `ws`, `wss`, `http` or `https`.
            subprotocols: what this side offers, the best first.
            **options: what `requests.get` takes; `allow_redirects` is false unless given.

        Raises:
            UsageError: an argument is wrong.
        """
        subprotocols = checked_subprotocols(subprotocols)
        checked_options(options)
        timeout = options.get("timeout", self.timeout)
        timeout = _NO_LIMIT if timeout is None else timeout
        as_limits(timeout, None, self._app_options)
        request = handshake_request(self, url, subprotocols, options)
        send_options = {
            "timeout": timeout,
            "allow_redirects": options.get("allow_redirects", False),
        }

        async def connect() -> WebSocketLine:
            __tracebackhide__ = True
            return open_line(self, request, send_options)

        return WebSocketSession(Handshake(connect))

    def new_client(self, **options: Any) -> Self:  # whatever the constructor takes
        """Return another user of the same running app: same event loop, lifespan and state.

        Its options are this client's but for the given ones; it begins without cookies.
        """
        return type(self)(SharedApp(self._app_host), **self._options_for_new_client(options))

    def close(self) -> None:
        """End the lifespan, if the client is entered, and close the client for good."""
        __tracebackhide__ = True
        self._is_shut = True
        try:
            finish(self._close())
        finally:
            super().close()

    def __enter__(self) -> Self:
        """Start the app up.

        Raises:
            LifespanFailed: startup failed and the app raised nothing; the block is not entered.
            BaseException: the app's own exception.
        """
        __tracebackhide__ = True
        finish(self._enter(is_closed=self._is_shut))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
        *_: object,
    ) -> None:
        """Shut the app down; the client may be used and entered again."""
        __tracebackhide__ = True
        finish(self._leave(exc_value))

    async def _leave(self, because_of: BaseException | None = None) -> None:
        __tracebackhide__ = True
        had_entered = self._has_entered
        await super()._leave(because_of)
        if had_entered:
            self._app_adapter.forget_streams()

    def _joined(self, url: object) -> str:
        text = url.decode() if isinstance(url, bytes) else str(url or "")
        if _is_absolute(text):
            return text
        return f"{self.base_url.rstrip('/')}/{text.lstrip('/')}"


_PARAMETERS: Final = (
    *("base_url", "raise_server_exceptions", "root_path", "backend", "backend_options"),
    *("cookies", "headers", "follow_redirects", "client", "driver", "timeout", "state", "over"),
    *("auth", "params", "hooks", "max_redirects"),
)


def _with_url(request: Request, url: str) -> Request:
    """Return the request with another URL; the test's own stays as it is."""
    joined = copy.copy(request)
    joined.url = url
    return joined


def _absolute(base_url: object) -> str:
    text = str(base_url)
    if re.match(r"https?://[^/?#]", text, re.IGNORECASE):
        return text
    raise no_base_url(text)


def _silence(timeout: Options) -> float | None:
    """Return the seconds of silence that a timeout allows, for what is no request."""
    return as_limits(_NO_LIMIT if timeout is None else timeout, None, AppOptions()).read
