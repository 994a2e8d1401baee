from __future__ import annotations

from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image

from apps.pipeline.contracts import NICHES, SHAPE_SIZES, Niche
from apps.pipeline.providers import registry
from apps.pipeline.providers.painter.base import PaintRequest
from apps.pipeline.render.loudness import level
from apps.pipeline.render.music import ambient_wav
from apps.pipeline.render.narration import encode_mp3
from apps.pipeline.steps.visual_plan import SceneSubject, VisualPlanRequest, shots_of

# One thing that belongs to the look, and a seed whose palette leaves captions room.
_SUBJECTS: dict[Niche, tuple[str, int]] = {
    "explainer": ("a lighthouse on a coast in the morning", 3),
    "facts": ("a whale under a big sun", 2),
    "history": ("an old harbour with sailing ships", 4),
    "science": ("planets over a mountain lake at night", 7),
    "finance": ("a city skyline at dusk", 5),
    "motivation": ("a runner on a mountain road at dawn", 1),
}
_SIZE = (960, 540)
_MUSIC_SECONDS, _MUSIC_SEED = 10.0, 20


class Command(BaseCommand):
    help = "Make the frames and the music that the create page shows and plays, with the product's own painter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR / "static" / "samples")

    def handle(self, *args: Any, into: Path, **options: Any) -> None:  # Any: Django's signature
        for niche in NICHES:
            folder = into / niche
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "frame.webp").write_bytes(_frame(niche))
        _make_music(into / "quiet-music.mp3")
        self.stdout.write(str(into))


def _frame(niche: Niche) -> bytes:
    subject, seed = _SUBJECTS[niche]
    plan = VisualPlanRequest((SceneSubject("scene_001", "", subject),), niche, "16:9", seed, "", "")
    (shot,) = shots_of(plan)
    painting = registry.provider("painter", settings.PROVIDERS["painter"]).paint(PaintRequest(shot))
    with Image.open(BytesIO(painting.content)) as picture:
        assert picture.size == SHAPE_SIZES["16:9"]
        made = BytesIO()
        picture.convert("RGB").resize(_SIZE, Image.Resampling.LANCZOS).save(made, "WEBP", quality=80, method=6)
    return made.getvalue()


def _make_music(target: Path) -> None:
    with TemporaryDirectory() as folder:
        raw, levelled = Path(folder) / "raw.wav", Path(folder) / "levelled.wav"
        ambient_wav(raw, _MUSIC_SECONDS, _MUSIC_SEED)
        level(raw, levelled, seconds=_MUSIC_SECONDS)
        encode_mp3(levelled, target, seconds=_MUSIC_SECONDS)
