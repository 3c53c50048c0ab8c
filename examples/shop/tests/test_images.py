"""Uploads that stream to disk, and what is left when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from asgi_testkit import TestClient
from shop.routes.images import IMAGE_LIMIT_BYTES

PNG = {"content-type": "image/png"}

pytestmark = pytest.mark.usefixtures("lamp")


@pytest.mark.in_process_only("what is sent waits in the buffers of the connection, not for the app")
def test_each_piece_is_on_disk_before_the_next_one_is_asked_for(
    ada: TestClient, upload_folder: Path
) -> None:
    sizes: list[int] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(4):
            sizes.append(folder_bytes(upload_folder))
            yield b"x" * 1000

    response = ada.put("/products/1/image", content=pieces(), headers=PNG)

    assert response.json() == {"size_bytes": 4000}
    assert sizes == [0, 1000, 2000, 3000]


def test_image_comes_back_as_it_was_sent(client: TestClient, ada: TestClient) -> None:
    image = bytes(range(256)) * 1000
    ada.put("/products/1/image", content=image, headers=PNG)

    response = client.get("/products/1/image")

    assert response.content == image
    assert response.headers["content-type"] == "image/png"


@pytest.mark.in_process_only("what is sent waits in the buffers of the connection, not for the app")
def test_endless_image_is_answered_413_as_soon_as_it_is_too_large(
    ada: TestClient, upload_folder: Path
) -> None:
    sent_bytes = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent_bytes
        while True:
            sent_bytes += 4000
            yield b"x" * 4000

    response = ada.put("/products/1/image", content=pieces(), headers=PNG)

    assert response.status_code == 413
    assert IMAGE_LIMIT_BYTES < sent_bytes <= IMAGE_LIMIT_BYTES + 4000
    assert list(upload_folder.iterdir()) == []


def test_upload_that_breaks_off_leaves_the_older_image(
    ada: TestClient, upload_folder: Path
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half an im"
        raise ConnectionError("the cable was pulled")

    ada.put("/products/1/image", content=b"old", headers=PNG)

    with pytest.raises(ConnectionError, match="the cable was pulled"):
        ada.put("/products/1/image", content=pieces(), headers=PNG)

    assert [file.read_bytes() for file in upload_folder.iterdir()] == [b"old"]


def test_image_must_be_an_image(ada: TestClient) -> None:
    response = ada.put("/products/1/image", content="hello", headers={"content-type": "text/plain"})

    assert response.status_code == 415
    assert ada.get("/products/1/image").status_code == 404


def test_manual_is_sent_as_a_form_and_downloaded_as_a_file(ada: TestClient) -> None:
    added = ada.post(
        "/products/1/manuals",
        data={"title": "Getting started"},
        files={"file": ("lamp.pdf", b"%PDF plug it in", "application/pdf")},
    )

    download = ada.get("/manuals/1")

    manual = {"id": 1, "title": "Getting started", "file_name": "lamp.pdf", "size_bytes": 15}
    assert (added.status_code, added.json()) == (201, manual)
    assert ada.get("/products/1/manuals").json() == [manual]
    assert download.content == b"%PDF plug it in"
    assert download.headers["content-disposition"] == 'attachment; filename="lamp.pdf"'


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the files of the folder hold at this moment."""
    return sum(file.stat().st_size for file in folder.iterdir())
