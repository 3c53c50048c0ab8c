"""Samples: values, parameters and bodies that fit the schemas of an OpenAPI document.

Good enough to get past a framework's validation into the app's own code; no more is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlencode

__all__ = ("BOUNDARY", "Schema", "form_sample", "multipart_sample", "resolved", "sample")

Schema: TypeAlias = Mapping[str, Any]  # JSON Schema: whatever it likes

BOUNDARY: Final = "asgi-testkit"

_DEEPEST: Final = 8
_TEXTS: Final = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "email": "kim@example.org",
    "ipv4": "127.0.0.1",
    "time": "12:00:00",
    "uri": "http://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def resolved(schema: object, document: Schema) -> Schema:
    """Return what a schema refers to inside the document; an empty one where that is not there."""
    found = _mapping(schema)
    for _ in range(_DEEPEST):
        if "$ref" not in found:
            break
        found = _at(str(found["$ref"]), document)
    return found


def _at(reference: str, document: Schema) -> Schema:
    found = document
    for key in reference.removeprefix("#/").split("/"):
        found = _mapping(found.get(key))
    return found


def _mapping(value: object) -> Schema:
    return cast("Schema", value) if isinstance(value, Mapping) else {}


def sample(schema: object, document: Schema, *, depth: int = 0) -> Any:
    """Return a value of JSON that fits a schema, as far as that is easily said."""
    schema = resolved(schema, document)
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    if depth > _DEEPEST:
        return None
    return _sample_of_type(_one_of(schema, document), document, depth)


def _one_of(schema: Schema, document: Schema) -> Schema:
    """Return the first choice of a schema that is not null; the parts of `allOf` as one."""
    for key in ("anyOf", "oneOf"):
        choices = [resolved(choice, document) for choice in schema.get(key, ())]
        if chosen := next((one for one in choices if one.get("type") != "null"), None):
            return chosen
    parts = [resolved(part, document) for part in schema.get("allOf", ())]
    if not parts:
        return schema
    properties: dict[str, Any] = {}
    for part in parts:
        properties |= part.get("properties", {})
    return {**parts[0], "properties": properties} if properties else parts[0]


def _type_of(schema: Schema) -> str:
    kind: object = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        names = [str(name) for name in cast("list[object]", kind)]
        return next((name for name in names if name != "null"), "null")
    return str(kind)


def _sample_of_type(schema: Schema, document: Schema, depth: int) -> Any:
    match _type_of(schema):
        case "object":
            parts: Schema = schema.get("properties", {})
            return {name: sample(parts[name], document, depth=depth + 1) for name in parts}
        case "array":
            item = sample(schema.get("items"), document, depth=depth + 1)
            return [item] * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _string(schema)


def _number(schema: Schema) -> float:
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    least = least + 1 if isinstance(least, int | float) else 1
    most = schema.get("maximum", least)
    return most if isinstance(most, int | float) and most < least else least


def _string(schema: Schema) -> str:
    known = _TEXTS.get(str(schema.get("format", "")))
    return known or "x" * max(1, schema.get("minLength", 1))


def form_sample(schema: object, document: Schema) -> bytes:
    """Return an encoded form with a field for each property."""
    properties: Schema = resolved(schema, document).get("properties", {})
    return urlencode({name: sample(properties[name], document) for name in properties}).encode()


def multipart_sample(schema: object, document: Schema) -> bytes:
    """Return a whole multipart body with a part for each property; binary ones are files."""
    properties: Schema = resolved(schema, document).get("properties", {})
    parts = [_part(name, resolved(properties[name], document), document) for name in properties]
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


def _part(name: str, schema: Schema, document: Schema) -> str:
    schema = resolved(schema["items"], document) if "items" in schema else schema
    is_file = schema.get("format") == "binary" or "contentMediaType" in schema
    file = '; filename="sample.bin"\r\ncontent-type: application/octet-stream' if is_file else ""
    value = "sample" if is_file else sample(schema, document)
    head = f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"{file}'
    return f"{head}\r\n\r\n{value}\r\n"
