from __future__ import annotations

import shutil
import tempfile
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.accounts.models import User
from apps.drafts.presets import PRESETS, Preset
from apps.pipeline.actions import start_video
from apps.pipeline.briefs import Order
from apps.pipeline.console import report
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.outcome import abandon, follow
from apps.pipeline.console.small_films import write_poster, write_small_film
from apps.pipeline.console.worker import local_worker
from apps.pipeline.contracts import MusicChoice
from apps.pipeline.models import Asset, Job
from apps.pipeline.packaging import names


@dataclass(frozen=True)
class _Manner:
    """How a sample is made; `seed` was chosen by looking at the pictures, `poster_at` is in seconds."""

    voice: str
    captions: str
    seed: int
    speed: float = 1.1
    music: str = "none"
    poster_at: float = 1.5


_MANNERS = {
    "explainer": _Manner("en-us-woman", "boxed", 3, speed=1.0),
    "facts": _Manner("en-us", "big_word", 6, speed=1.15),
    "history": _Manner("en-gb-rp", "plain", 3, music="ambient"),
    "science": _Manner("en-gb-woman", "karaoke", 3, speed=1.2, music="ambient"),
    "finance": _Manner("en-us", "boxed", 3),
    "motivation": _Manner("en-us-deep", "karaoke", 2, music="ambient"),
}


class Command(BaseCommand):
    help = "Make the sample films of the niche presets anew, and put them small into static/samples."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("niches", nargs="*", choices=[*_MANNERS, []], help="which ones; all when none is named")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        report.quiet_logs()
        user = operator_with_credits()
        for preset in PRESETS:
            if not options["niches"] or preset.slug in options["niches"]:
                folder = settings.BASE_DIR / "static" / "samples" / preset.slug
                _store(_made(preset, user), folder, _MANNERS[preset.slug])
                self.stdout.write(str(folder))


def _made(preset: Preset, user: User) -> Job:
    job = start_video(order=_order(preset), by=user, at=timezone.now())
    try:
        with local_worker() as worker:
            job = follow(job, worker)
    except BaseException:
        abandon(job)
        raise
    report.require_ready(job)
    return job


def _order(preset: Preset) -> Order:
    manner = _MANNERS[preset.slug]
    return Order(
        transcript=preset.sample.script,
        title=preset.sample.title,
        niche=preset.slug,
        voice=manner.voice,
        speed=manner.speed,
        caption_style=manner.captions,
        music=MusicChoice(kind="ambient") if manner.music == "ambient" else MusicChoice(),
        seed=manner.seed,
    )


def _store(job: Job, folder: Path, manner: _Manner) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _fetch(job, names.CAPTIONS_VTT, folder / "captions.vtt")
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film.mp4"
        _fetch(job, names.VIDEO, film)
        write_small_film(film, folder / "film.mp4")
        write_poster(film, folder / "poster.webp", at_seconds=manner.poster_at)


def _fetch(job: Job, filename: str, target: Path) -> None:
    asset = Asset.objects.get(job=job, filename=filename)
    with storages["generated-assets"].open(asset.storage_name) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
