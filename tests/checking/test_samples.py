"""Values and bodies made from the schemas of an OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asgi_testkit.checking.paths import Target, Upload, given_targets, targets_of
from asgi_testkit.checking.samples import sample

ITEM = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 3}, "part": {"$ref": "#/parts/Item"}},
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 5}, 6),
        ({"type": "integer", "maximum": 0}, 0),
        ({"type": "number", "exclusiveMinimum": 2}, 3),
        ({"type": "boolean"}, True),
        ({"type": "string"}, "x"),
        ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
        ({"type": ["null", "integer"]}, 1),
        ({"type": "null"}, None),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"enum": ["red", "blue"]}, "red"),
        ({"const": 7}, 7),
        ({"type": "string", "default": "d"}, "d"),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        (
            {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {}}}]},
            {"a": 1, "b": "x"},
        ),
        ({"$ref": "#/parts/Nowhere"}, "x"),
        (None, "x"),
    ],
)
def test_a_sample_fits_its_schema(schema: Any, value: Any) -> None:
    assert sample(schema, {"parts": {}}) == value


def test_a_schema_that_holds_itself_has_a_sample() -> None:
    value = sample({"$ref": "#/parts/Item"}, {"parts": {"Item": ITEM}})

    assert value["name"] == value["part"]["name"] == "xxx"


def document(media: str) -> bytes:
    content = {"content": {media: {"schema": {"$ref": "#/parts/Form"}}}}
    properties = {"file": {"type": "string", "format": "binary"}, "title": {"type": "string"}}
    parts = {"Form": {"type": "object", "properties": properties}}
    paths = {"/forms/{id}": {"post": {"requestBody": content}}}
    return json.dumps({"paths": paths, "parts": parts}).encode()


def test_a_multipart_body_has_files_and_fields() -> None:
    (target,) = targets_of(document("multipart/form-data"))

    (upload,) = target.uploads
    assert upload.content_type == "multipart/form-data; boundary=asgi-testkit"
    assert b'name="file"; filename="sample.bin"' in upload.body
    assert b'name="title"\r\n\r\nx\r\n--asgi-testkit--' in upload.body


def test_a_form_is_encoded() -> None:
    (target,) = targets_of(document("application/x-www-form-urlencoded"))

    assert [upload.body for upload in target.uploads] == [b"file=x&title=x"]


def test_a_body_of_another_type_is_bytes() -> None:
    (target,) = targets_of(document("image/png"))

    assert target.uploads == (Upload("POST", "image/png"),)


def test_a_given_path_comes_once_and_gets_an_upload() -> None:
    assert given_targets(["/a", "/a"]) == [Target("/a", (Upload("POST"),))]
