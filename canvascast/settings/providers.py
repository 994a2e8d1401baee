"""Who writes, speaks, times words and draws: vendors where there are keys, the embedded ones otherwise."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from apps.pipeline.providers.vendors.account import Account
from canvascast import env

_OPENAI_URL = "https://api.openai.com/v1"
_KNOWN = {
    "moderator": ("openai", "word-list"),
    "writer": ("openai", "gemini", "sample"),
    "speaker": ("elevenlabs", "openai", "espeak"),
    "painter": ("gemini", "openai", "illustrator"),
    "aligner": ("speaker-events", "whisper", "openai"),
}
# What to set for a vendor, where that is not its key.
_SET_UP_BY = {"whisper": "WHISPER_MODEL"}
_EMBEDDED = ("word-list", "sample", "espeak", "illustrator", "speaker-events")


def accounts() -> dict[str, Account]:
    """Return the vendors that are set up, by name."""
    found = [_openai(), _gemini(), _elevenlabs(), _whisper()]
    return {account.vendor: account for account in found if account is not None}


def far_away(found: dict[str, Account]) -> set[str]:
    """Return those that are waited for: Whisper works on the worker's own machine."""
    return found.keys() - {"whisper"}


def chosen(found: dict[str, Account]) -> dict[str, str]:
    """Return the provider that serves each capability unless a brief says otherwise.

    Raises ImproperlyConfigured for a name that does not exist or whose key is missing.
    """
    return {
        "moderator": _one("MODERATOR", "moderator", found),
        "writer": _one("WRITER", "writer", found),
        "speaker": speakers(found)[0],
        "aligner": aligners(found)[0],
        "painter": _one("PAINTER", "painter", found),
    }


def speakers(found: dict[str, Account]) -> list[str]:
    """Return the speakers whose voices are offered, the default first. Raises ImproperlyConfigured."""
    return _several("SPEAKERS", "speaker", found)


def cloner(found: dict[str, Account]) -> str:
    """Return who learns users' own voices; empty where nobody does."""
    return "elevenlabs" if "elevenlabs" in found else ""


def aligners(found: dict[str, Account]) -> list[str]:
    """Return the aligners in the order in which they are tried. Raises ImproperlyConfigured."""
    return _several("ALIGNERS", "aligner", found)


def by_vendor(variable: str, default: int) -> dict[str, int]:
    """Return a number for each vendor named in `variable` ("openai=8,gemini=4"), and the default under "*".

    Raises ImproperlyConfigured for anything else, and for numbers below 1.
    """
    found = {"*": default}
    for part in filter(None, (part.strip() for part in env.value(variable, "").split(","))):
        name, _, number = part.partition("=")
        if not number.strip().isdecimal() or int(number) < 1:
            raise ImproperlyConfigured(f"{variable} has “{part}”; write it as openai=8,gemini=4.")
        found[name.strip()] = int(number)
    return found


def _one(variable: str, capability: str, found: dict[str, Account]) -> str:
    named = env.value(variable, "").strip()
    return _checked(variable, named, capability, found) if named else _set_up(capability, found)[0]


def _several(variable: str, capability: str, found: dict[str, Account]) -> list[str]:
    named = [name.strip() for name in env.value(variable, "").split(",") if name.strip()]
    return [_checked(variable, name, capability, found) for name in named] or _set_up(capability, found)


def _set_up(capability: str, found: dict[str, Account]) -> list[str]:
    return [name for name in _KNOWN[capability] if name in _EMBEDDED or _serves(capability, found.get(name))]


def _serves(capability: str, account: Account | None) -> bool:
    """A server of one's own with OpenAI's format most often writes and does nothing else."""
    if account is None:
        return False
    return capability == "writer" or account.vendor != "openai" or account.base_url == _OPENAI_URL


def _checked(variable: str, name: str, capability: str, found: dict[str, Account]) -> str:
    if name not in _KNOWN[capability]:
        raise ImproperlyConfigured(f"{variable} names “{name}”; there is {', '.join(_KNOWN[capability])}.")
    if name not in _EMBEDDED and name not in found:
        needed = _SET_UP_BY.get(name, f"{name.upper()}_API_KEY")
        raise ImproperlyConfigured(f"{variable} names “{name}”, which is not set up: set {needed}.")
    return name


def _whisper() -> Account | None:
    """Whisper needs no key: its address is the folder of its weights."""
    model = env.value("WHISPER_MODEL", "")
    if not model:
        return None
    if find_spec("whisper") is None:
        raise ImproperlyConfigured("WHISPER_MODEL is set, but Whisper is not installed: run `make whisper`.")
    folder = env.value("WHISPER_FOLDER", "") or str(Path(env.value("CANVASCAST_VAR", str(env.ROOT / "var"))) / "models")
    return Account("whisper", "", Path(folder).resolve().as_uri(), {"hearing": model})


def _openai() -> Account | None:
    key, url = env.value("OPENAI_API_KEY", ""), env.value("OPENAI_BASE_URL", "")
    if not key and not url:
        return None
    models = {
        "text": env.value("OPENAI_TEXT_MODEL", "gpt-5-mini"),
        "speech": env.value("OPENAI_SPEECH_MODEL", "gpt-4o-mini-tts"),
        "picture": env.value("OPENAI_PICTURE_MODEL", "gpt-image-1-mini"),
        "hearing": env.value("OPENAI_HEARING_MODEL", "whisper-1"),
        "moderation": env.value("OPENAI_MODERATION_MODEL", "omni-moderation-latest"),
    }
    return Account("openai", key, url or _OPENAI_URL, models)


def _gemini() -> Account | None:
    key = env.value("GEMINI_API_KEY", "")
    if not key:
        return None
    models = {
        "text": env.value("GEMINI_TEXT_MODEL", "gemini-2.5-flash"),
        "picture": env.value("GEMINI_PICTURE_MODEL", "gemini-2.5-flash-image"),
    }
    return Account("gemini", key, env.value("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/"), models)


def _elevenlabs() -> Account | None:
    key = env.value("ELEVENLABS_API_KEY", "")
    if not key:
        return None
    models = {"speech": env.value("ELEVENLABS_SPEECH_MODEL", "eleven_multilingual_v2")}
    return Account("elevenlabs", key, env.value("ELEVENLABS_BASE_URL", "https://api.elevenlabs.io"), models)
