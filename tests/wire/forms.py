"""Multipart bodies as they arrived, held against the vendor's description like JSON bodies are."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from jsonschema import Draft202012Validator

from tests.wire.contracts import description_of
from tests.wire.server import Call


@dataclass(frozen=True)
class SentFile:
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """`fields` has every value sent under a name, in order."""

    fields: dict[str, list[str]]
    files: dict[str, list[SentFile]]


def form_of(call: Call) -> Form:
    head = f"Content-Type: {call.headers['Content-Type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    files: dict[str, list[SentFile]] = {}
    for part in message_from_bytes(head + call.body).get_payload():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename():
            files.setdefault(name, []).append(SentFile(part.get_filename(), part.get_content_type(), content))
        else:
            fields.setdefault(name, []).append(content.decode())
    return Form(fields, files)


def form_violations(vendor: str, call: Call, *, base: str = "") -> list[str]:
    """Return what is wrong with the call's form; numbers and flags come as text, so those are read first."""
    description = description_of(vendor)
    path = call.path.removeprefix(base)
    content = description["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"]
    schema = _resolved(content["schema"], description)
    form = form_of(call)
    unknown = sorted({name.removesuffix("[]") for name in (*form.fields, *form.files)} - schema["properties"].keys())
    value = {name.removesuffix("[]"): _value(name, texts) for name, texts in form.fields.items()}
    value |= {name.removesuffix("[]"): "binary" for name in form.files}
    validator = Draft202012Validator({**schema, "components": description["components"]})
    wrong = [f"{path}: {error.json_path} {error.message}" for error in validator.iter_errors(value)]
    return [*wrong, *(f"{path}: {name} is not described" for name in unknown)]


def _value(name: str, texts: list[str]) -> Any:  # Any: what the text stands for
    read = [int(text) if text.isdecimal() else text for text in texts]
    return read if name.endswith("[]") else read[-1]


def _resolved(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:  # Any: JSON schemas
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    found: dict[str, Any] = description["components"]["schemas"][name] if name else schema
    return found
