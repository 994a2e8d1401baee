"""Which provider serves which capability; names come from settings or from the brief, unknown ones are refused.

Adding one is its file and its line here. A provider of a vendor names the account it needs (`account_name`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pkgutil import resolve_name
from typing import Any

from apps.pipeline.providers.aligner.cascade import Cascade
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.vendors.account import Account

# Where each provider's class is; a process loads only what it uses.
_CLASSES: Mapping[str, Mapping[str, str]] = {
    "moderator": {
        "word-list": "moderator.word_list:WordList",
        "openai": "moderator.openai:OpenAIModerator",
    },
    "writer": {
        "sample": "writer.sample:SampleWriter",
        "openai": "writer.openai:OpenAIWriter",
        "gemini": "writer.gemini:GeminiWriter",
    },
    "speaker": {
        "espeak": "speaker.espeak:EspeakSpeaker",
        "openai": "speaker.openai:OpenAISpeaker",
        "elevenlabs": "speaker.elevenlabs:ElevenLabsSpeaker",
        "recording": "speaker.recording:RecordingSpeaker",
    },
    "cloner": {
        "elevenlabs": "cloner.elevenlabs:ElevenLabsCloner",
    },
    "aligner": {
        "echo": "aligner.echo:EchoAligner",
        "openai": "aligner.openai:OpenAIAligner",
        "speaker-events": "aligner.speaker_events:SpeakerEventsAligner",
        "whisper": "aligner.whisper:WhisperAligner",
    },
    "painter": {
        "gemini": "painter.gemini:GeminiPainter",
        "illustrator": "painter.illustrator:Illustrator",
        "openai": "painter.openai:OpenAIPainter",
    },
}
_SERVICES: Mapping[str, str] = {
    "openai": "vendors.openai:OpenAIService",
    "gemini": "vendors.gemini:GeminiService",
    "elevenlabs": "vendors.elevenlabs:ElevenLabsService",
}
_accounts: dict[str, Account] = {}


class UnknownProvider(Rejected):
    """Settings or a brief name a provider that does not exist, or that nobody set up here."""


def use_accounts(accounts: Mapping[str, Account]) -> None:
    """Set what the vendors' providers are made with, by vendor; providers made before are forgotten."""
    _accounts.clear()
    _accounts.update(accounts)
    _instance.cache_clear()


def provider(capability: str, name: str) -> Any:  # Any: the protocol that belongs to the capability
    """Return the provider `name`, made once a process. Raises UnknownProvider naming the ones there are."""
    if name not in _CLASSES[capability]:
        known = ", ".join(sorted(_CLASSES[capability]))
        raise UnknownProvider("unknown_provider", f"There is no {capability} named “{name}”. There is: {known}.")
    if not is_set_up(capability, name):
        raise UnknownProvider("provider_not_set_up", f"The {capability} “{name}” is not set up here.")
    return _instance(capability, name)


def load_code() -> None:
    """Load the code of every provider that is set up, vendors' SDKs too, which is slow; nobody is connected to."""
    for capability in _CLASSES:
        for name in names(capability):
            is_set_up(capability, name)
    for service in services().values():
        if service is not None:
            assert service.client


def services() -> dict[str, Any]:  # Any: a vendor's service, which has `reach`
    """Return every vendor's service by name, None for those that are not set up."""
    return {
        name: resolve_name(f"apps.pipeline.providers.{path}")(_accounts[name]) if name in _accounts else None
        for name, path in _SERVICES.items()
    }


def aligner(in_order: Sequence[str]) -> Any:  # Any: an Aligner
    """Return the one aligner that is named, or all of them as one that tries them in order."""
    members = [provider("aligner", name) for name in in_order]
    return members[0] if len(members) == 1 else Cascade(members)


def names(capability: str) -> tuple[str, ...]:
    """Return all providers of a capability, set up here or not."""
    return tuple(_CLASSES[capability])


def is_set_up(capability: str, name: str) -> bool:
    """Return whether what the provider needs is there: an account, where it is a vendor's."""
    account_name = _account_name(capability, name)
    return account_name is None or account_name in _accounts


@cache
def _instance(capability: str, name: str) -> Any:  # Any: as in `provider`
    account_name = _account_name(capability, name)
    made = _class(capability, name)
    return made() if account_name is None else made(_accounts[account_name])


def _account_name(capability: str, name: str) -> str | None:
    return getattr(_class(capability, name), "account_name", None)


def _class(capability: str, name: str) -> Any:  # Any: a provider's class
    return resolve_name(f"apps.pipeline.providers.{_CLASSES[capability][name]}")
