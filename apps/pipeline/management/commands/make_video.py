from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.actions import start_video
from apps.pipeline.briefs import Order
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.session import print_quote, see_through
from apps.pipeline.contracts import CAPTION_STYLES, NICHES, SHAPE_SIZES, WORDS_PER_MINUTE, Blob, MusicChoice, Recording
from apps.pipeline.models import Job
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.reference import MAX_REFERENCE_BYTES
from apps.pipeline.quotes import quote_order
from apps.pipeline.uploads import store_music, store_recording, store_reference

_MOST_SCRIPT_BYTES = 1_000_000


class Command(BaseCommand):
    help = "Make a narrated, captioned video from a prompt or a script file, and print where it is."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prompt", nargs="?", default="", help="what the video should be about, or notes for it")
        parser.add_argument("--script", type=Path, metavar="FILE", help="text file to be narrated word for word")
        parser.add_argument("--out", type=Path, help="file for the video; its package is put beside it as .zip")
        parser.add_argument("--title", default="")
        parser.add_argument("--niche", default="explainer", help=", ".join(NICHES))
        parser.add_argument("--minutes", type=float, default=1.0, help="0.5 to 30; default 1")
        parser.add_argument("--voice", default="", help="voice id; `manage.py voices` lists them")
        parser.add_argument("--speed", type=float, default=1.0, help="0.5 to 2 times the pace")
        parser.add_argument("--pace", default="normal", help=", ".join(WORDS_PER_MINUTE))
        parser.add_argument("--language", default="", help="such as en, es, fr; default: the voice's")
        parser.add_argument("--shape", default="16:9", help=", ".join(SHAPE_SIZES))
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
    if options["prompt"] and options["script"]:
        raise Rejected("bad_use", "Give either a prompt or --script FILE, not both.")
    if options["narration"] and not options["script"]:
        raise Rejected("bad_use", "--narration is read from a script: give it as --script FILE.")
    if not options["prompt"].strip() and not options["script"]:
        raise Rejected("bad_use", "Please say what the video should be about, or give --script FILE.")
    return Order(
        prompt=options["prompt"],
        transcript=_read_script(options["script"]) if options["script"] else None,
        title=options["title"],
        niche=options["niche"],
        minutes=options["minutes"],
        voice=options["voice"],
        speed=options["speed"],
        pace=options["pace"],
        language=options["language"],
        shape=options["shape"],
        caption_style=options["captions"].replace("-", "_"),
        music=_music(options["music"], user),
        reference=_reference(options["reference"], user) if options["reference"] else None,
        recording=_recording(options["narration"], user) if options["narration"] else None,
        seed=options["seed"],
        on_screen_titles=options["titles"],
    )


def _read_script(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_SCRIPT_BYTES + 1)
    except OSError as error:
        raise Rejected("script_unreadable", f"The script {path} cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_SCRIPT_BYTES:
        raise Rejected("script_too_large", f"The script {path} is larger than a script can be.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected("script_not_text", f"The script {path} is not a text file in UTF-8.") from error
    if "\x00" in text:
        raise Rejected("script_not_text", f"The script {path} is not a text file: it has NUL characters.")
    return text


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
