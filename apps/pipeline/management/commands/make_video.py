from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.actions import start_video
from apps.pipeline.briefs import Order
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.order_options import add_order_options, order_of
from apps.pipeline.console.session import print_quote, see_through
from apps.pipeline.contracts import CAPTION_STYLES, Blob, MusicChoice, Recording
from apps.pipeline.models import Job
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.reference import MAX_REFERENCE_BYTES
from apps.pipeline.quotes import quote_order
from apps.pipeline.uploads import store_music, store_recording, store_reference


class Command(BaseCommand):
    help = "Make a narrated, captioned video from a prompt or a script file, and print where it is."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_order_options(parser)
        parser.add_argument("--out", type=Path, help="file for the video; its package is put beside it as .zip")
        parser.add_argument("--title", default="")
        parser.add_argument("--captions", default="boxed", help=", ".join(CAPTION_STYLES))
        parser.add_argument("--reference", type=Path, metavar="FILE", help="picture of the main character")
        parser.add_argument("--narration", type=Path, metavar="FILE", help="the script as you read it, as its voice")
        parser.add_argument("--music", default="none", help="none, ambient, or an audio file")
        parser.add_argument("--seed", type=int, default=None, help="another seed gives other words and pictures")
        parser.add_argument("--titles", action="store_true", help="show each scene's title on the screen")
        parser.add_argument("--quote", action="store_true", help="say what it would cost, and spend nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = operator_with_credits()
        if options["quote"]:
            print_quote(lambda: quote_order(_order(options, user)), self.stdout, as_json=options["json"])
            return
        see_through(lambda: _start(options, user), self.stdout, out=options["out"], as_json=options["json"])


def _start(options: dict[str, Any], user: User) -> Job:  # Any: argparse's values
    return start_video(order=_order(options, user), by=user, at=timezone.now())


def _order(options: dict[str, Any], user: User) -> Order:  # Any: argparse's values
    if options["narration"] and not options["script"]:
        raise Rejected("bad_use", "--narration is read from a script: give it as --script FILE.")
    return replace(
        order_of(options),
        title=options["title"],
        caption_style=options["captions"].replace("-", "_"),
        music=_music(options["music"], user),
        reference=_reference(options["reference"], user) if options["reference"] else None,
        recording=_recording(options["narration"], user) if options["narration"] else None,
        seed=options["seed"],
        on_screen_titles=options["titles"],
    )


def _reference(path: Path, user: User) -> Blob:
    if not registry.provider("painter", settings.PROVIDERS["painter"]).uses_reference:
        raise Rejected("bad_use", "The built-in illustrator takes no --reference; set PAINTER to gemini or openai.")
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_REFERENCE_BYTES + 1)
    except OSError as error:
        raise Rejected("reference_unusable", f"The picture {path} cannot be read: {error.strerror}.") from error
    return store_reference(user.pk, content)


def _recording(path: Path, user: User) -> Recording:
    if not path.is_file():
        raise Rejected("no_recording", f"There is no recording {path}.")
    return store_recording(user.pk, path)


def _music(given: str, user: User) -> MusicChoice:
    if given == "none":
        return MusicChoice()
    if given == "ambient":
        return MusicChoice(kind="ambient")
    path = Path(given)
    if not path.is_file():
        raise Rejected("no_music_file", f"There is no audio file {given}. --music takes none, ambient or a file.")
    return MusicChoice(kind="file", file=store_music(user.pk, path))
