"""The options that name what is ordered, shared by the commands that make videos and that tell what they cost."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from apps.pipeline.briefs import Order
from apps.pipeline.contracts import NICHES, SHAPE_SIZES, WORDS_PER_MINUTE
from apps.pipeline.providers.errors import Rejected

_MOST_SCRIPT_BYTES = 1_000_000


def add_order_options(parser: ArgumentParser) -> None:
    """Add the text and everything that its price and its length hang on."""
    parser.add_argument("prompt", nargs="?", default="", help="what the video should be about, or notes for it")
    parser.add_argument("--script", type=Path, metavar="FILE", help="text file to be narrated word for word")
    parser.add_argument("--niche", default="explainer", help=", ".join(NICHES))
    parser.add_argument("--minutes", type=float, default=1.0, help="0.5 to 30; default 1")
    parser.add_argument("--voice", default="", help="voice id; `manage.py voices` lists them")
    parser.add_argument("--speed", type=float, default=1.0, help="0.5 to 2 times the pace")
    parser.add_argument("--pace", default="normal", help=", ".join(WORDS_PER_MINUTE))
    parser.add_argument("--language", default="", help="such as en, es, fr; default: the voice's")
    parser.add_argument("--shape", default="16:9", help=", ".join(SHAPE_SIZES))


def order_of(options: dict[str, Any]) -> Order:  # Any: argparse's values
    """Return the order that the options name, unchecked but for its text. Raises Rejected."""
    if options["prompt"] and options["script"]:
        raise Rejected("bad_use", "Give either a prompt or --script FILE, not both.")
    if not options["prompt"].strip() and not options["script"]:
        raise Rejected("bad_use", "Please say what the video should be about, or give --script FILE.")
    return Order(
        prompt=options["prompt"],
        transcript=_read_script(options["script"]) if options["script"] else None,
        niche=options["niche"],
        minutes=options["minutes"],
        voice=options["voice"],
        speed=options["speed"],
        pace=options["pace"],
        language=options["language"],
        shape=options["shape"],
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
