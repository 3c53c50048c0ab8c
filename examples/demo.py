"""The main job, shown: the shop's test-suite runs, then one streamed export message by message.

Run by `make demo`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from asgi_testkit import TestClient

SHOP = Path(__file__).parent / "shop"


def main() -> int:
    """Run the suite with live progress, then show an export; return the suite's exit code."""
    title("The shop's test-suite, through TestClient and AsyncTestClient")
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-v", "--no-header", "--tb=short", "tests"]
    code = subprocess.run(command, cwd=SHOP, check=False).returncode
    print(f"\n{time.perf_counter() - began:.1f} s for everything, with a new database each test.")
    title("One streamed export: what crossed between client and app")
    show_export()
    print("\nThe tests are in examples/shop/tests; copy what you need.")
    return code


def show_export() -> None:
    """Stream the CSV export row by row and print the transcript."""
    sys.path.insert(0, str(SHOP))
    from shop.app import create_app  # noqa: PLC0415 - found only now

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            database_url=f"sqlite+aiosqlite:///{folder}/shop.db", upload_folder=Path(folder)
        )
        with TestClient(app) as client:
            fill(client)
            with client.stream("GET", "/export.csv") as response:
                for line in response.iter_lines():
                    print(f"  row in hand: {line}")
            print()
            print(client.transcript[-1])


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\x1b[1m{text}\x1b[0m\n" if sys.stdout.isatty() else f"\n== {text}\n", flush=True)


def fill(client: TestClient) -> None:
    """Put some products up for sale."""
    seller = {"name": "Ada", "password": "engine no 1"}
    client.post("/accounts", json=seller).raise_for_status()
    client.post("/login", data=seller).raise_for_status()
    for name, price in (("lamp", 1250), ("chair", 8900), ("clock", 4300)):
        product = {"name": name, "price_cents": price}
        client.post("/products", json=product).raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
