"""Uploads that are acknowledged piece by piece, break off, and go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asgi_testkit import TestClient
from shop.routes.videos import VIDEO_LIMIT_BYTES

VIDEO = "/products/1/video"
FROM_THE_START = {"upload-offset": "0"}

pytestmark = pytest.mark.usefixtures("lamp")


def test_each_piece_is_acknowledged_while_the_upload_goes_on(
    ada: TestClient, upload_folder: Path
) -> None:
    with ada.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        upload.send(b"x" * 1000)
        assert json.loads(next(upload)) == {"offset": 1000}
        assert folder_bytes(upload_folder) == 1000

        upload.send(b"y" * 500)
        assert json.loads(next(upload)) == {"offset": 1500}

        upload.end()
        assert json.loads(upload.read()) == {"complete": True}

    assert ada.get(VIDEO).content == b"x" * 1000 + b"y" * 500


@pytest.mark.in_process_only(
    "Granian sends the head with the first piece of the body", over="granian"
)
def test_answer_begins_before_the_upload_does(ada: TestClient) -> None:
    with ada.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        assert upload.response.status_code == 200
        assert upload.response.headers["content-type"] == "application/jsonl"


def test_broken_upload_goes_on_where_it_stopped(ada: TestClient) -> None:
    with ada.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        upload.send(b"first half, ")
        next(upload)
        upload.disconnect()

    offset = ada.head(VIDEO).headers["upload-offset"]
    with ada.exchange("PATCH", VIDEO, headers={"upload-offset": offset}) as upload:
        upload.send(b"second half")
        upload.end()
        acknowledged = [json.loads(line) for line in upload]

    assert (offset, acknowledged) == ("12", [{"offset": 23}, {"complete": True}])
    assert ada.get(VIDEO).content == b"first half, second half"


def test_unfinished_upload_leaves_the_older_video(ada: TestClient) -> None:
    ada.patch(VIDEO, content=b"old", headers=FROM_THE_START)

    with ada.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        upload.send(b"ne")
        next(upload)

    assert ada.get(VIDEO).content == b"old"


def test_upload_from_the_wrong_offset_is_409_and_names_the_right_one(ada: TestClient) -> None:
    with ada.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        upload.send(b"12345")
        next(upload)

    response = ada.patch(VIDEO, content=b"12345", headers=FROM_THE_START)

    assert (response.status_code, response.headers["upload-offset"]) == (409, "5")


def test_video_above_the_limit_is_refused_on_the_way(ada: TestClient, upload_folder: Path) -> None:
    with ada.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        upload.send(b"x" * VIDEO_LIMIT_BYTES)
        upload.send(b"x")
        *_, refusal = upload

    assert json.loads(refusal) == {"refused": f"Send at most {VIDEO_LIMIT_BYTES} bytes."}
    assert folder_bytes(upload_folder) == 0


def test_upload_needs_a_login(client: TestClient) -> None:
    with client.exchange("PATCH", VIDEO, headers=FROM_THE_START) as upload:
        assert upload.response.status_code == 401


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the files of the folder hold at this moment."""
    return sum(file.stat().st_size for file in folder.iterdir())
