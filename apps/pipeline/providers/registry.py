"""Which provider serves which capability; names come from settings or from the brief, unknown ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from apps.pipeline.providers.errors import Rejected


class UnknownProvider(Rejected):
    """Settings or a brief name a provider that does not exist."""


def provider(capability: str, name: str) -> Any:  # Any: the protocol that belongs to the capability
    """Return the provider `name`, made once a process. Raises UnknownProvider naming the ones there are."""
    factories = _factories()[capability]
    if name not in factories:
        known = ", ".join(sorted(factories))
        raise UnknownProvider("unknown_provider", f"There is no {capability} named “{name}”. There is: {known}.")
    return _instance(capability, name)


@cache
def _instance(capability: str, name: str) -> Any:  # Any: as in `provider`
    return _factories()[capability][name]()


def _factories() -> Mapping[str, Mapping[str, Callable[[], Any]]]:  # Any: as in `provider`
    return {
        "writer": {"sample": _sample_writer},
        "speaker": {"espeak": _espeak},
        "aligner": {"speaker-events": _speaker_events},
        "painter": {"illustrator": _illustrator},
    }


def _sample_writer() -> Any:  # Any: imports stay inside so that a process loads only what it uses
    from apps.pipeline.providers.writer.sample import SampleWriter

    return SampleWriter()


def _espeak() -> Any:  # Any: as above
    from apps.pipeline.providers.speaker.espeak import EspeakSpeaker

    return EspeakSpeaker()


def _speaker_events() -> Any:  # Any: as above
    from apps.pipeline.providers.aligner.speaker_events import SpeakerEventsAligner

    return SpeakerEventsAligner()


def _illustrator() -> Any:  # Any: as above
    from apps.pipeline.providers.painter.illustrator import Illustrator

    return Illustrator()
