"""The main job, shown: the shop's test-suite runs, then four long exchanges message by message.

Run by `make demo`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asgi_testkit import TestClient

SHOP = Path(__file__).parent / "shop"


def main() -> int:
    """Run the suite with live progress, then show the exchanges; return the suite's exit code."""
    title("The shop's test-suite, through TestClient and AsyncTestClient")
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-v", "--no-header", "--tb=short", "tests"]
    code = subprocess.run(command, cwd=SHOP, check=False).returncode
    print(f"\n{time.perf_counter() - began:.1f} s for everything, with a new database each test.")
    with open_shop() as ada:
        show_export(ada)
        show_feed(ada)
        show_advice(ada)
        show_upload(ada)
    print("\nThe tests are in examples/shop/tests; copy what you need.")
    return code


def show_export(ada: TestClient) -> None:
    """Stream the CSV export row by row."""
    title("A streamed export: what crossed between client and app")
    with crossed(ada), ada.stream("GET", "/export.csv") as response:
        for line in response.iter_lines():
            print(f"  row in hand: {line}")


def show_feed(ada: TestClient) -> None:
    """Follow an order over a WebSocket, and ask the shop about it."""
    title("A WebSocket: a customer follows an order, and talks with the shop")
    bob = ada.new_client()
    log_in(bob, "Bob")
    with crossed(ada), bob.websocket_connect("/feed") as feed:
        bob.post("/orders", json={"product_id": 1}).raise_for_status()
        print(f"  Bob sees: {feed.receive_text()}")
        with ada.websocket_connect("/feed") as shop:
            shop.send_json({"order_id": 1, "text": "It is on its way."})
        print(f"  Bob sees: {feed.receive_text()}")
        bob.post("/logout")
        feed.expect_close(4401)
        print(f"  Bob has logged out: {feed.close_code} {feed.close_reason!r}")


def show_advice(ada: TestClient) -> None:
    """Read an answer token by token, leave in the middle, and come back for the rest."""
    title("Server-sent events: an answer token by token, left and taken up again")
    question = {"question": "Which lamp shall I take?"}
    with ada.sse("/advice", params=question) as events:
        for event in events:
            print(f"  token in hand: {event.json()!r}")
            if event.id == "1.3":
                break
    print("  ... the customer comes back ...")
    last = {"last-event-id": "1.3"}
    with crossed(ada), ada.sse("/advice", params=question, headers=last) as events:
        for event in events:
            print(f"  {event.event} in hand: {event.json()!r}")


def show_upload(ada: TestClient) -> None:
    """Upload with acknowledgements on the way, break off, and go on."""
    title("Both directions at once: an upload that breaks off and goes on")
    with ada.exchange("PATCH", "/products/1/video", headers={"upload-offset": "0"}) as upload:
        upload.send(b"first half, ")
        print(f"  acknowledged: {next(upload).decode().strip()}")
        upload.disconnect()
    offset = ada.head("/products/1/video").headers["upload-offset"]
    print(f"  ... the line broke; the shop has {offset} bytes ...")
    go_on = {"upload-offset": offset}
    with crossed(ada), ada.exchange("PATCH", "/products/1/video", headers=go_on) as upload:
        upload.send(b"second half")
        print(f"  acknowledged: {next(upload).decode().strip()}")
        upload.end()
        print(f"  acknowledged: {next(upload).decode().strip()}")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\x1b[1m{text}\x1b[0m\n" if sys.stdout.isatty() else f"\n== {text}\n", flush=True)


@contextmanager
def crossed(client: TestClient) -> Iterator[None]:
    """Print the transcript of the exchange that the block begins with."""
    exchanges_before = len(client.transcript)
    yield
    print(f"\n{client.transcript[exchanges_before]}")


@contextmanager
def open_shop() -> Iterator[TestClient]:
    """Lend the owner of a shop that has some products for sale."""
    sys.path.insert(0, str(SHOP))
    from shop.app import create_app  # noqa: PLC0415 - found only now

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            database_url=f"sqlite+aiosqlite:///{folder}/shop.db", upload_folder=Path(folder)
        )
        with TestClient(app) as ada:
            log_in(ada, "Ada")
            for name, price in (("lamp", 1250), ("chair", 8900), ("clock", 4300)):
                product = {"name": name, "price_cents": price, "stock": 5}
                ada.post("/products", json=product).raise_for_status()
            yield ada


def log_in(client: TestClient, name: str) -> None:
    """Open an account and log in."""
    login = {"name": name, "password": "engine no 1"}
    client.post("/accounts", json=login).raise_for_status()
    client.post("/login", data=login).raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
