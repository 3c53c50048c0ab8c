"""What a session of requests does, with an app behind it: all of it is requests' own code."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.auth import AuthBase, HTTPDigestAuth

from asgi_testkit import UsageError
from asgi_testkit.requests import ASGIAdapter, TestClient
from tests.apps import mirror, raw
from tests.apps.mirror import header_values
from tests.requests.conftest import Enter

COOKIES = [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Path=/; HttpOnly")]


class Token(AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "Token t0"
        return request


# -- requests as the app sees them ------------------------------------------------------------


def test_the_app_sees_the_headers_of_the_wire_the_host_first(enter: Enter) -> None:
    seen = enter(mirror.mirror).get("/a%2Fb?q=1#part", params={"r": "ü"}).json()

    assert (seen["path"], seen["raw_path"], seen["query"]) == ("/a/b", "/a%2Fb", "q=1&r=%C3%BC")
    assert [name for name, _ in seen["headers"]] == [
        *("host", "user-agent", "accept-encoding", "accept", "connection"),
    ]
    assert header_values(seen, "user-agent") == ["testclient"]
    assert (seen["server"], seen["client"]) == (["testserver", 80], ["testclient", 50000])


@pytest.mark.parametrize(
    ("base_url", "url", "host", "raw_path"),
    [
        ("http://testserver", "", "testserver", "/"),
        ("https://api.test:8443/v1", "/items", "api.test:8443", "/v1/items"),
        ("https://api.test:8443/v1/", "items", "api.test:8443", "/v1/items"),
        ("http://testserver/v1", "http://other.test:80/items", "other.test", "/items"),
        ("http://testserver", "http://ann:pw@[::1]:81/", "[::1]:81", "/"),
    ],
)
def test_relative_urls_are_put_behind_base_url(
    enter: Enter, base_url: str, url: str, host: str, raw_path: str
) -> None:
    seen = enter(mirror.mirror, base_url=base_url).get(url).json()

    assert (header_values(seen, "host"), seen["raw_path"]) == ([host], raw_path)


def test_a_host_header_of_the_test_is_kept(enter: Enter) -> None:
    seen = enter(mirror.mirror).get("/", headers={"Host": "shop.test"}).json()

    assert header_values(seen, "host") == ["shop.test"]


def test_header_bytes_pass_as_they_are(enter: Enter) -> None:
    seen = enter(mirror.mirror).get("/", headers={"X-Raw": b"caf\xe9", "X-Text": "é"}).json()

    assert (header_values(seen, "x-raw"), header_values(seen, "x-text")) == (["café"], ["é"])


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
def test_every_method_reaches_the_app(enter: Enter, method: str) -> None:
    log: list[str] = []

    response = getattr(enter(mirror.logs_requests(log, mirror.mirror)), method)("/x")

    assert (log, response.status_code) == ([f"{method.upper()} /x"], 200)


@pytest.mark.parametrize(
    ("options", "body", "content_type"),
    [
        ({"json": {"a": [1]}}, '{"a": [1]}', "application/json"),
        ({"data": {"a": "1", "b": "ü"}}, "a=1&b=%C3%BC", "application/x-www-form-urlencoded"),
        ({"data": b"raw"}, "raw", None),
        ({"data": "text"}, "text", None),
        ({"data": bytearray(b"buffer")}, "buffer", None),
    ],
)
def test_bodies_arrive_as_requests_encodes_them(
    enter: Enter, options: dict[str, Any], body: str, content_type: str | None
) -> None:
    seen = enter(mirror.mirror).post("/", **options).json()

    assert seen["body"] == body
    assert header_values(seen, "content-type") == ([content_type] if content_type else [])
    assert header_values(seen, "content-length") == [str(len(body))]


@pytest.mark.parametrize("make", [lambda: io.BytesIO(b"a whale"), lambda: io.StringIO("a whale")])
def test_a_file_is_sent_with_its_length(enter: Enter, make: Callable[[], Any]) -> None:
    seen = enter(mirror.mirror).post("/", data=make()).json()

    assert (seen["body"], header_values(seen, "content-length")) == ("a whale", ["7"])


def test_files_are_uploaded_as_multipart_and_stay_open(enter: Enter, tmp_path: Path) -> None:
    path = tmp_path / "cover.txt"
    path.write_bytes(b"a whale")
    with path.open("rb") as file:
        response = enter(mirror.mirror).post("/", data={"title": "Moby"}, files={"cover": file})
        assert not file.closed

    assert mirror.multipart_parts(response.json()) == [
        ("title", None, b"Moby"),
        ("cover", "cover.txt", b"a whale"),
    ]


# -- what sessions do around them -------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "sent"), [(("ann", "secret"), "Basic YW5uOnNlY3JldA=="), (Token(), "Token t0")]
)
def test_auth_of_a_call_and_of_the_client_is_sent(enter: Enter, auth: Any, sent: str) -> None:
    of_the_call = enter(mirror.mirror).get("/", auth=auth).json()
    of_the_client = enter(mirror.mirror, auth=auth).get("/").json()

    assert header_values(of_the_call, "authorization") == [sent]
    assert header_values(of_the_client, "authorization") == [sent]


@pytest.mark.parametrize("is_stream", [False, True])
def test_digest_auth_answers_the_challenge_with_a_second_request(
    enter: Enter, is_stream: bool
) -> None:
    client = enter(mirror.digest_guarded)

    response = client.get("/", auth=HTTPDigestAuth("ann", "secret"), stream=is_stream)

    assert (response.status_code, [old.status_code for old in response.history]) == (200, [401])
    assert response.json()["path"] == "/"


def test_cookies_are_kept_and_sent_with_the_next_request(enter: Enter) -> None:
    app = mirror.routes({"/login": mirror.replies(headers=COOKIES)})
    client = enter(app, cookies={"c": "3"})

    response = client.get("/login")
    seen = client.get("/", cookies={"d": "4"}).json()

    assert (dict(response.cookies), dict(client.cookies)) == (
        {"a": "1", "b": "2"},
        {"a": "1", "b": "2", "c": "3"},
    )
    assert sorted(header_values(seen, "cookie")[0].split("; ")) == ["a=1", "b=2", "c=3", "d=4"]


@pytest.mark.parametrize("is_stream", [False, True])
def test_redirects_are_followed_with_their_history_and_cookies(
    enter: Enter, is_stream: bool
) -> None:
    moved = mirror.replies(302, [(b"location", b"/there"), *COOKIES], b"moved")
    client = enter(mirror.routes({"/here": moved}))

    response = client.post("/here", data={"a": "1"}, stream=is_stream)

    seen = response.json()
    assert (seen["method"], seen["path"], seen["body"]) == ("GET", "/there", "")
    assert header_values(seen, "cookie") == ["a=1; b=2"]
    assert [(old.status_code, old.text) for old in response.history] == [(302, "moved")]
    assert response.url == "http://testserver/there"


def test_a_file_is_read_again_after_a_redirect_that_keeps_the_method(enter: Enter) -> None:
    client = enter(mirror.routes({"/here": mirror.redirects(307, b"/there")}))

    seen = client.post("/here", data=io.BytesIO(b"upload")).json()

    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/there", "upload")


@pytest.mark.parametrize(
    ("of_client", "of_call", "status"), [(True, False, 302), (False, None, 302), (False, True, 200)]
)
def test_redirects_are_not_followed_where_client_or_call_say_so(
    enter: Enter, of_client: bool, of_call: bool | None, status: int
) -> None:
    app = mirror.routes({"/here": mirror.redirects(302, b"/there")})
    client = enter(app, follow_redirects=of_client)
    options: dict[str, Any] = {} if of_call is None else {"allow_redirects": of_call}

    response = client.get("/here", **options)

    assert response.status_code == status
    assert (response.next is not None) == (status == 302)


def test_an_endless_redirect_is_too_many_redirects(enter: Enter) -> None:
    client = enter(mirror.redirects(302, b"/again"), max_redirects=3)

    with pytest.raises(requests.TooManyRedirects, match="Exceeded 3 redirects"):
        client.get("/")


def test_hooks_of_client_and_call_see_the_response(enter: Enter) -> None:
    log: list[str] = []
    client = enter(raw.hello, hooks={"response": lambda r, **_: log.append(f"client {r.text}")})

    client.get("/")
    client.hooks = {"response": []}
    client.get("/", hooks={"response": [lambda r, **_: log.append(f"call {r.text}")]})

    assert log == ["client hello", "call hello"]


def test_raise_for_status_names_the_status_and_the_url(enter: Enter) -> None:
    response = enter(mirror.replies(404)).get("/lost")

    with pytest.raises(requests.HTTPError, match="404 Client Error: Not Found for url: http://te"):
        response.raise_for_status()


def test_a_response_can_be_pickled(enter: Enter) -> None:
    client = enter(mirror.routes({"/here": mirror.redirects(302, b"/there")}))
    responses = [client.get("/here"), client.get("/here", stream=True)]

    copies = pickle.loads(pickle.dumps(responses))

    assert [copy.json()["path"] for copy in copies] == ["/there", "/there"]
    assert [copy.history[0].status_code for copy in copies] == [302, 302]


def test_a_response_knows_its_time_its_request_and_its_encoding(enter: Enter) -> None:
    client = enter(mirror.replies(200, [(b"content-type", b"text/plain")], "ü".encode("latin-1")))

    response = client.post("/", data="x")

    assert response.elapsed.total_seconds() > 0
    assert (response.request.method, response.request.body) == ("POST", "x")
    assert (response.encoding, response.text, response.reason) == ("ISO-8859-1", "ü", "OK")
    assert (response.raw.status, response.raw.version) == (200, 11)


def test_duplicate_headers_are_joined_and_stand_apart_in_raw(enter: Enter) -> None:
    headers = [(b"x-many", b"1"), (b"x-many", b"2")]

    response = enter(mirror.replies(headers=headers)).get("/")

    assert response.headers["x-many"] == "1, 2"
    assert response.raw.headers.getlist("x-many") == ["1", "2"]


def test_a_head_response_has_no_body_whatever_its_length_says(enter: Enter) -> None:
    response = enter(mirror.replies(headers=[(b"content-length", b"5")], body=b"12345")).head("/")

    assert (response.headers["content-length"], response.content) == ("5", b"")


def test_template_and_context_of_the_app_are_on_the_response(enter: Enter) -> None:
    response: Any = enter(mirror.with_debug).get("/")

    assert (response.template, response.context) == ("page.html", {"user": "ann"})


def test_a_prepared_request_of_a_relative_url_can_be_sent_and_stays_as_it_was(
    enter: Enter,
) -> None:
    client = enter(mirror.mirror)
    request = requests.Request("PUT", "/x", data=b"1")

    response = client.send(client.prepare_request(request))

    assert (response.json()["method"], request.url) == ("PUT", "/x")


# -- what there is no network for -------------------------------------------------------------


def test_proxies_certificates_and_the_environment_are_without_effect(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine testserver login ann password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://nowhere.test:1")
    client = enter(mirror.mirror, base_url="https://testserver")

    proxies = {"https": "http://nowhere.test:1"}
    seen = client.get("/", proxies=proxies, verify="/no/file", cert="/no/file").json()

    assert (seen["scheme"], header_values(seen, "authorization")) == ("https", [])


# -- the bare adapter -------------------------------------------------------------------------


def test_the_adapter_can_be_mounted_on_any_session() -> None:
    with requests.Session() as session:
        session.mount("http://one.test", ASGIAdapter(raw.hello))
        session.mount("http://two.test", ASGIAdapter(mirror.mirror, root_path="/mount"))

        texts = session.get("http://one.test/").text, session.get("http://two.test/x").json()

    assert (texts[0], texts[1]["root_path"], texts[1]["path"]) == ("hello", "/mount", "/x")


def test_other_adapters_can_be_mounted_on_the_client(enter: Enter) -> None:
    client = enter(raw.hello)

    client.mount("http://testserver/other", ASGIAdapter(mirror.mirror))

    assert (client.get("/").text, client.get("/other").json()["path"]) == ("hello", "/other")


def test_an_adapter_has_no_other_scheme_than_http_and_https() -> None:
    with requests.Session() as session:
        session.mount("ftp://", ASGIAdapter(raw.hello))

        with pytest.raises(UsageError, match="its scheme must be http or https"):
            session.get("ftp://testserver/")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"base_url": "/api"}, "base_url is '/api'; an absolute http or https URL is wanted"),
        ({"strikt": True}, "Unknown option 'strikt'. Did you mean 'strict'?"),
        ({"timeout": -1}, "timeout is -1 seconds; it must be 0 or more"),
        ({"driver": "fast"}, "driver is 'fast'"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        TestClient(raw.hello, **options)

    assert text in str(caught.value)
