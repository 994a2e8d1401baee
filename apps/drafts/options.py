"""What can be chosen for a video before there is an account: checked for type and range, not for price."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from canvascast.plain_text import without_controls
from canvascast.video_choices import (
    MINUTES,
    SPEED,
    TITLE_CHARACTERS,
    CaptionPosition,
    CaptionStyle,
    Niche,
    Pace,
    Shape,
    TranscriptMode,
)

Music = Literal["none", "ambient"]

_Title = Annotated[str, AfterValidator(without_controls), Field(max_length=TITLE_CHARACTERS)]
_Minutes = Annotated[float, Field(ge=MINUTES[0], le=MINUTES[1], allow_inf_nan=False)]
_Speed = Annotated[float, Field(ge=SPEED[0], le=SPEED[1], allow_inf_nan=False)]
_VoiceId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+/-]{0,79}$")]
_Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$")]


class DraftOptions(BaseModel):
    """By the names of the projects API; what is None was not chosen."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    title: _Title | None = None
    niche_preset: Niche | None = None
    target_minutes: _Minutes | None = None
    transcript_mode: TranscriptMode | None = None
    language: _Language | None = None
    voice_id: _VoiceId | None = None
    voice_profile_id: UUID | None = None
    speed: _Speed | None = None
    pace: Pace | None = None
    shape: Shape | None = None
    caption_style: CaptionStyle | None = None
    caption_position: CaptionPosition | None = None
    music: Music | None = None
    on_screen_titles: bool | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


def options_as_json(options: DraftOptions) -> dict[str, str | float | bool]:
    """Return the chosen options alone, by their names in the API, as JSON values."""
    chosen: dict[str, str | float | bool] = options.model_dump(mode="json", by_alias=True, exclude_none=True)
    return chosen
