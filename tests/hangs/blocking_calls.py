"""What a blocking client calls and waits in. The line in question is marked by what it calls."""

from __future__ import annotations

from collections.abc import Iterator

from asgi_testkit import TestClient

__all__ = (
    "connects", "detaches", "enters", "enters_and_gets", "expects_nothing", "gets",
    "gets_by_exchange", "gets_while_streaming",
    "leaves", "leaves_client",
    "leaves_exchange", "opens_events", "opens_stream", "posts", "posts_pieces", "reads_events",
    "reads_exchange", "reads_stream", "receives", "receives_json", "receives_text", "runs",
    "sends_messages_unread", "sends_much", "sends_too_much", "sends_unread", "waits_for_reply",
)  # fmt: skip


def gets(client: TestClient) -> None:
    client.get("/")  # HERE: TestClient.get


def posts(client: TestClient) -> None:
    client.post("/", content=b"body")  # HERE: TestClient.post


def posts_pieces(client: TestClient) -> None:
    client.post("/", content=_pieces())  # HERE: TestClient.post


def _pieces() -> Iterator[bytes]:
    for _ in range(3):
        yield bytes(64 * 1024)


def opens_stream(client: TestClient) -> None:
    with client.stream("GET", "/"):  # HERE: TestClient.stream
        pass


def reads_stream(client: TestClient) -> None:
    with client.stream("GET", "/") as response:
        for _ in response.iter_bytes():  # HERE: Response.iter_bytes
            pass


def opens_events(client: TestClient) -> None:
    with client.sse("/"):  # HERE: TestClient.sse
        pass


def reads_events(client: TestClient) -> None:
    with client.sse("/") as events:
        next(events)  # HERE: EventSource.__next__


def gets_while_streaming(client: TestClient) -> None:
    with client.stream("GET", "/stream"):
        client.get("/")  # HERE: TestClient.get


def reads_exchange(client: TestClient) -> None:
    with client.exchange("POST", "/") as exchange:
        exchange.send(b"one")
        next(exchange)  # HERE: Exchange.__next__


def gets_by_exchange(client: TestClient) -> None:
    with client.exchange("POST", "/") as exchange:
        exchange.end()
        exchange.read()  # HERE: Exchange.read


def waits_for_reply(client: TestClient) -> None:
    with client.exchange("POST", "/") as exchange:
        exchange.response  # noqa: B018 # HERE: Exchange.response


def sends_much(client: TestClient) -> None:
    with client.exchange("POST", "/") as exchange:
        for _ in range(3):
            exchange.send(bytes(64 * 1024))  # HERE: Exchange.send


def sends_unread(client: TestClient) -> None:
    with client.exchange("POST", "/") as exchange:
        for _ in range(8):
            exchange.send(bytes(64 * 1024))  # HERE: Exchange.send


def leaves_exchange(client: TestClient) -> None:
    with client.exchange("POST", "/") as exchange:  # HERE: Exchange.__exit__
        exchange.end()
        list(exchange)


def connects(client: TestClient) -> None:
    with client.websocket_connect("/"):  # HERE: WebSocketSession.__enter__
        pass


def receives_text(client: TestClient) -> None:
    with client.websocket_connect("/") as session:
        session.receive_text()  # HERE: WebSocketSession.receive_text


def receives(client: TestClient) -> None:
    with client.websocket_connect("/") as session:
        session.receive()  # HERE: WebSocketSession.receive


def receives_json(client: TestClient) -> None:
    with client.websocket_connect("/") as session:
        session.send_json({"a": 1})
        session.receive_json()  # HERE: WebSocketSession.receive_json


def expects_nothing(client: TestClient) -> None:
    with client.websocket_connect("/") as session:
        session.expect_nothing(0.05)
        session.receive_text()  # HERE: WebSocketSession.receive_text


def sends_too_much(client: TestClient) -> None:
    with client.websocket_connect("/") as session:
        for _ in range(6):
            session.send_bytes(bytes(1 << 20))  # HERE: WebSocketSession.send_bytes


def sends_messages_unread(client: TestClient) -> None:
    with client.websocket_connect("/") as session:
        for _ in range(16):
            session.send_bytes(bytes(1 << 20))  # HERE: WebSocketSession.send_bytes


def leaves(client: TestClient) -> None:
    with client.websocket_connect("/") as session:  # HERE: WebSocketSession.__exit__
        session.expect_close()


def runs(client: TestClient) -> None:
    from tests.hangs.apps import waits_for_an_event

    client.run(waits_for_an_event)  # HERE: TestClient.run


def detaches(client: TestClient) -> None:
    client.get("/")
    client.wait_background()  # HERE: TestClient.wait_background


def enters(client: TestClient) -> None:
    with client:  # HERE: TestClient.__enter__
        pass


def leaves_client(client: TestClient) -> None:
    with client:  # HERE: TestClient.__exit__
        pass


def enters_and_gets(client: TestClient) -> None:
    with client:
        client.get("/")  # HERE: TestClient.get
