"""Cloners: recordings of a voice to a voice that the vendor's speaker has from then on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class CloneRequest:
    """`name` is unique among all voices of the account and tells nothing about the user; `recordings` are MP3 files."""

    name: str
    recordings: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class Clone:
    """`needs_proof`: the vendor lets nobody speak with it before its owner has proved to be that."""

    voice_id: str
    needs_proof: bool
    usage: Usage


@dataclass(frozen=True)
class FoundVoice:
    """A voice that the vendor has; `needs_proof` as for one that was just made."""

    voice_id: str
    needs_proof: bool


class Cloner(Protocol):
    name: str
    identity: str

    def learn(self, request: CloneRequest) -> Clone: ...

    def find(self, name: str) -> tuple[FoundVoice, ...]:
        """Return all voices of exactly this name."""
        ...

    def forget(self, voice_id: str) -> None:
        """Delete a voice; one that is not there is no error."""
        ...
