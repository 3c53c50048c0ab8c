"""The twins of `blocking_calls`: what an async client awaits."""

from __future__ import annotations

from collections.abc import AsyncIterator

from asgi_testkit import AsyncTestClient

__all__ = (
    "connects", "detaches", "enters", "enters_and_gets", "expects_nothing", "gets",
    "gets_by_exchange", "gets_while_streaming",
    "leaves", "leaves_client",
    "leaves_exchange", "opens_events", "opens_stream", "posts", "posts_pieces", "reads_events",
    "reads_exchange", "reads_stream", "receives", "receives_json", "receives_text", "runs",
    "sends_messages_unread", "sends_much", "sends_too_much", "sends_unread", "waits_for_reply",
)  # fmt: skip


async def gets(client: AsyncTestClient) -> None:
    await client.get("/")  # HERE: AsyncTestClient.get


async def posts(client: AsyncTestClient) -> None:
    await client.post("/", content=b"body")  # HERE: AsyncTestClient.post


async def posts_pieces(client: AsyncTestClient) -> None:
    await client.post("/", content=_pieces())  # HERE: AsyncTestClient.post


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(3):
        yield bytes(64 * 1024)


async def opens_stream(client: AsyncTestClient) -> None:
    async with client.stream("GET", "/"):  # HERE: AsyncTestClient.stream
        pass


async def reads_stream(client: AsyncTestClient) -> None:
    async with client.stream("GET", "/") as response:
        async for _ in response.aiter_bytes():  # HERE: Response.aiter_bytes
            pass


async def opens_events(client: AsyncTestClient) -> None:
    async with client.sse("/"):  # HERE: AsyncTestClient.sse
        pass


async def reads_events(client: AsyncTestClient) -> None:
    async with client.sse("/") as events:
        await anext(events)  # HERE: EventSource.__anext__


async def gets_while_streaming(client: AsyncTestClient) -> None:
    async with client.stream("GET", "/stream"):
        await client.get("/")  # HERE: AsyncTestClient.get


async def reads_exchange(client: AsyncTestClient) -> None:
    async with client.exchange("POST", "/") as exchange:
        await exchange.send(b"one")
        await anext(exchange)  # HERE: AsyncExchange.__anext__


async def gets_by_exchange(client: AsyncTestClient) -> None:
    async with client.exchange("POST", "/") as exchange:
        await exchange.end()
        await exchange.read()  # HERE: AsyncExchange.read


async def waits_for_reply(client: AsyncTestClient) -> None:
    async with client.exchange("POST", "/") as exchange:
        await exchange.response  # HERE: AsyncExchange.response


async def sends_much(client: AsyncTestClient) -> None:
    async with client.exchange("POST", "/") as exchange:
        for _ in range(3):
            await exchange.send(bytes(64 * 1024))  # HERE: AsyncExchange.send


async def sends_unread(client: AsyncTestClient) -> None:
    async with client.exchange("POST", "/") as exchange:
        for _ in range(8):
            await exchange.send(bytes(64 * 1024))  # HERE: AsyncExchange.send


async def leaves_exchange(client: AsyncTestClient) -> None:
    async with client.exchange("POST", "/") as exchange:  # HERE: AsyncExchange.__aexit__
        await exchange.end()
        [piece async for piece in exchange]


async def connects(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/"):  # HERE: AsyncWebSocketSession.__aenter__
        pass


async def receives_text(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:
        await session.receive_text()  # HERE: AsyncWebSocketSession.receive_text


async def receives(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:
        await session.receive()  # HERE: AsyncWebSocketSession.receive


async def receives_json(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:
        await session.send_json({"a": 1})
        await session.receive_json()  # HERE: AsyncWebSocketSession.receive_json


async def expects_nothing(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:
        await session.expect_nothing(0.05)
        await session.receive_text()  # HERE: AsyncWebSocketSession.receive_text


async def sends_too_much(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:
        for _ in range(6):
            await session.send_bytes(bytes(1 << 20))  # HERE: AsyncWebSocketSession.send_bytes


async def sends_messages_unread(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:
        for _ in range(16):
            await session.send_bytes(bytes(1 << 20))  # HERE: AsyncWebSocketSession.send_bytes


async def leaves(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/") as session:  # HERE: AsyncWebSocketSession.__aexit__
        await session.expect_close()


async def runs(client: AsyncTestClient) -> None:
    from tests.hangs.apps import waits_for_an_event

    await client.run(waits_for_an_event)  # HERE: AsyncTestClient.run


async def detaches(client: AsyncTestClient) -> None:
    await client.get("/")
    await client.wait_background()  # HERE: AsyncTestClient.wait_background


async def enters(client: AsyncTestClient) -> None:
    async with client:  # HERE: AsyncTestClient.__aenter__
        pass


async def leaves_client(client: AsyncTestClient) -> None:
    async with client:  # HERE: AsyncTestClient.__aexit__
        pass


async def enters_and_gets(client: AsyncTestClient) -> None:
    async with client:
        await client.get("/")  # HERE: AsyncTestClient.get
