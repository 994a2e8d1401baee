"""How bodies look on the wire: camelCase keys, unknown keys refused, one shape for every error."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict
from pydantic.alias_generators import to_camel


def _encodable(text: str) -> str:
    """JSON can spell half a character, which no database and no hash takes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("The text has half a character in it (a lone surrogate).") from error
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class Body(Schema):
    """What the API answers; fields are written in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Asked(Body):
    """What the API is asked. A key that nobody reads is refused, so that a typing error is not paid for."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    def said(self) -> dict[str, Any]:  # Any: JSON as Python builtins
        """Return what differs from the defaults: a field that is added tomorrow is not in what was asked yesterday."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Error(Schema):
    """`error` is a sentence for people, `code` a word for programs, `details` has what belongs to the code."""

    error: str
    code: str
    details: dict[str, str | int]


REFUSALS = {
    HTTPStatus.BAD_REQUEST: Error,
    HTTPStatus.UNAUTHORIZED: Error,
    HTTPStatus.FORBIDDEN: Error,
    HTTPStatus.NOT_FOUND: Error,
    HTTPStatus.CONFLICT: Error,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Error,
    HTTPStatus.TOO_MANY_REQUESTS: Error,
    HTTPStatus.SERVICE_UNAVAILABLE: Error,
}
# What else a request that spends credits may be told.
SPENDING_REFUSALS = {**REFUSALS, HTTPStatus.PAYMENT_REQUIRED: Error}
