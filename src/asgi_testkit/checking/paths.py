"""Targets: which paths are asked for, and what is uploaded to them.

They are given, or found in an OpenAPI document; its path parameters are filled in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

from asgi_testkit.checking.samples import (
    BOUNDARY,
    Schema,
    form_sample,
    multipart_sample,
    resolved,
    sample,
)

__all__ = ("DOCUMENTS", "MISSING", "Target", "Upload", "given_targets", "targets_of")

DOCUMENTS: Final = ("/openapi.json", "/schema/openapi.json")
"""Where frameworks serve their OpenAPI documents: FastAPI and others, Litestar."""

MISSING: Final = "/missing"

_UPLOADING: Final = ("post", "put", "patch")


@dataclass(frozen=True, slots=True)
class Upload:
    """A request body, with its method and content type."""

    method: str = "POST"
    content_type: str = "application/octet-stream"
    body: bytes = b"one piece, another piece, and a last one"


@dataclass(frozen=True, slots=True)
class Target:
    """A path, with a query where one is needed, and what is uploaded to it."""

    path: str
    uploads: tuple[Upload, ...] = (Upload(),)


def given_targets(paths: Iterable[str]) -> list[Target]:
    """Return targets whose parameters and bodies are not known."""
    return [Target(path) for path in dict.fromkeys(paths)]


def targets_of(body: bytes) -> list[Target]:
    """Return the paths of an OpenAPI document, in its order; none where it is no such document."""
    try:
        document: object = json.loads(body)
    except ValueError:
        return []
    if not isinstance(document, dict):
        return []
    known = cast("dict[str, Any]", document)
    paths = known.get("paths")
    if not isinstance(paths, dict):
        return []
    items = cast("dict[str, Any]", paths).items()
    return [_target(path, resolved(item, known), known) for path, item in items]


def _target(template: str, item: Schema, document: Schema) -> Target:
    operations = {name: item[name] for name in item if isinstance(item[name], Mapping)}
    parameters = [resolved(one, document) for one in _parameters(item, operations)]
    path = template
    for one in parameters:
        if one.get("in") == "path":
            filled = quote(_text_of(one, document), safe="")
            path = path.replace(f"{{{one.get('name')}}}", filled)
    query = {
        one["name"]: _text_of(one, document)
        for one in parameters
        if one.get("in") == "query" and one.get("required")
    }
    return Target(
        f"{path}?{urlencode(query)}" if query else path,
        tuple(_uploads(operations, document)),
    )


def _parameters(item: Schema, operations: Mapping[str, Schema]) -> Iterator[object]:
    """Yield the parameters of a path and of the first operation: a path has one set of names."""
    yield from item.get("parameters", ())
    for operation in operations.values():
        yield from operation.get("parameters", ())


def _text_of(parameter: Schema, document: Schema) -> str:
    value = parameter.get("example", sample(parameter.get("schema"), document))
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _uploads(operations: Mapping[str, Schema], document: Schema) -> Iterator[Upload]:
    for name in _UPLOADING:
        if name not in operations:
            continue
        content = resolved(operations[name].get("requestBody"), document).get("content", {})
        media = next(iter(content), "")
        schema = content.get(media, {}).get("schema")
        yield _upload(name.upper(), media, schema, document)


def _upload(method: str, media: str, schema: object, document: Schema) -> Upload:
    if media.endswith("json"):
        return Upload(method, media, json.dumps(sample(schema, document)).encode())
    if media == "multipart/form-data":
        body = multipart_sample(schema, document)
        return Upload(method, f"{media}; boundary={BOUNDARY}", body)
    if media == "application/x-www-form-urlencoded":
        return Upload(method, media, form_sample(schema, document))
    return Upload(method, media) if media else Upload(method)
