"""Pictures by OpenAI's GPT image models, which answer with the picture itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from apps.pipeline.contracts import Shape
from apps.pipeline.providers.painter.base import Painting, PaintRequest
from apps.pipeline.providers.painter.wording import described, nearest_shape, picture_refused
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors import prices
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.openai import OpenAIService, openai_answers
from apps.pipeline.providers.vendors.refusals import bad_answer

if TYPE_CHECKING:
    from openai.types import ImagesResponse

Size = Literal["1024x1024", "1536x1024", "1024x1536"]
# The models' three sizes; what is too much of 3:2 is cut away.
_SIZES: Mapping[Shape, Size] = {"16:9": "1536x1024", "9:16": "1024x1536", "1:1": "1024x1024"}
# What the larger sizes count at medium quality, by the price list, should an answer not say it.
_PICTURE_TOKENS = 1_584


class OpenAIPainter(OpenAIService):
    """Pictures of medium quality in the size next to the shot's shape; with a reference picture, edits of that."""

    uses_reference = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.identity = f"openai {account.model('picture')}, pictures 1"

    def paint(self, request: PaintRequest) -> Painting:
        """Return one picture as it came. Raises Rejected("picture_refused"), Transient and what `refusal` makes."""
        model, prompt = self.account.model("picture"), described(request)
        with openai_answers(picture_refused("OpenAI")):
            answer = self._asked(request, model, prompt)
            with bought(_usage(model, answer, unsaid=0)), openai_answers():
                picture = _picture(answer)
            return Painting(picture, request.shot.focus, prompt, _usage(model, answer, unsaid=_PICTURE_TOKENS))

    def _asked(self, request: PaintRequest, model: str, prompt: str) -> ImagesResponse:
        size = _SIZES[nearest_shape(request.shot.width, request.shot.height)]
        images = self.client.images
        if request.reference is None:
            return images.generate(model=model, prompt=prompt, size=size, quality="medium", n=1)
        picture = ("reference.png", request.reference.read_bytes(), "image/png")
        return images.edit(model=model, prompt=prompt, image=picture, size=size, quality="medium", n=1)


def _picture(answer: ImagesResponse) -> bytes:
    """Return the picture that the answer holds; a link in its place is not followed."""
    encoded = answer.data[0].b64_json if answer.data else None
    if not encoded:
        raise bad_answer("openai", "no picture in the answer")
    return base64.b64decode(encoded, validate=True)


def _usage(model: str, answer: ImagesResponse, *, unsaid: int) -> Usage:
    said = answer.usage
    into, out_of = (said.input_tokens, said.output_tokens) if said else (0, unsaid)
    return Usage(model, into + out_of, prices.cost_of_tokens(model, into=into, out_of=out_of))
