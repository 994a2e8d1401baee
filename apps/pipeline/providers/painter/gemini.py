"""Pictures by Gemini: one `generate_content` call that answers with a picture instead of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.pipeline.providers.painter.base import Painting, PaintRequest
from apps.pipeline.providers.painter.wording import described, nearest_shape, picture_refused
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors import prices
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.gemini import GeminiService, gemini_answers, require_allowed
from apps.pipeline.providers.vendors.refusals import bad_answer

if TYPE_CHECKING:
    from google.genai.types import Content, GenerateContentConfig, GenerateContentResponse

# What one picture counts, by the price list, should an answer not say it.
_PICTURE_TOKENS = 1_290


class GeminiPainter(GeminiService):
    """Pictures of about a megapixel in the shot's shape; a reference picture goes along in the request."""

    uses_reference = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.identity = f"gemini {account.model('picture')}, pictures 1"

    def paint(self, request: PaintRequest) -> Painting:
        """Return one picture as it came. Raises Rejected("picture_refused"), Transient and what `refusal` makes."""
        model, prompt = self.account.model("picture"), described(request)
        with gemini_answers():
            answer = self.client.models.generate_content(
                model=model, contents=_contents(request, prompt), config=_config(request)
            )
            with bought(_usage(model, answer, unsaid=0)), gemini_answers():
                require_allowed(answer, picture_refused("Gemini"))
                picture = _picture(answer)
            return Painting(picture, request.shot.focus, prompt, _usage(model, answer, unsaid=_PICTURE_TOKENS))


def _contents(request: PaintRequest, prompt: str) -> Content:
    from google.genai.types import Content, Part

    parts = [Part.from_text(text=prompt)]
    if request.reference is not None:
        parts.insert(0, Part.from_bytes(data=request.reference.read_bytes(), mime_type="image/png"))
    return Content(role="user", parts=parts)


def _config(request: PaintRequest) -> GenerateContentConfig:
    from google.genai.types import AutomaticFunctionCallingConfig, GenerateContentConfig, ImageConfig

    shape = nearest_shape(request.shot.width, request.shot.height)
    return GenerateContentConfig(
        response_modalities=["IMAGE"],
        candidate_count=1,
        image_config=ImageConfig(aspect_ratio=shape),
        automatic_function_calling=AutomaticFunctionCallingConfig(disable=True),
    )


def _picture(answer: GenerateContentResponse) -> bytes:
    """Return the picture; a link in its place is not followed. Words in its place say that there will be none."""
    contents = [candidate.content for candidate in answer.candidates or () if candidate.content]
    parts = [part for content in contents for part in content.parts or () if not part.thought]
    for part in parts:
        if part.inline_data and part.inline_data.data:
            return part.inline_data.data
    if any(part.text for part in parts):
        raise picture_refused("Gemini")
    raise bad_answer("gemini", "no picture")


def _usage(model: str, answer: GenerateContentResponse, *, unsaid: int) -> Usage:
    said = answer.usage_metadata
    into = (said.prompt_token_count if said else None) or 0
    out_of = ((said.candidates_token_count if said else None) or unsaid) + (
        (said.thoughts_token_count if said else None) or 0
    )
    return Usage(model, into + out_of, prices.cost_of_tokens(model, into=into, out_of=out_of))
