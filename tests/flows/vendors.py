"""The product with vendors' keys, whose addresses are servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.wire import elevenlabs, gemini_text, openai_text
from tests.wire.elevenlabs import ElevenLabsServer
from tests.wire.gemini import GeminiServer
from tests.wire.openai import OpenAIServer
from tests.wire.server import WireServer
from tests.workplace import Workplace


@dataclass(frozen=True)
class Vendors:
    openai: OpenAIServer = field(default_factory=OpenAIServer)
    gemini: GeminiServer = field(default_factory=GeminiServer)
    elevenlabs: ElevenLabsServer = field(default_factory=ElevenLabsServer)

    @property
    def all(self) -> tuple[WireServer, ...]:
        return self.openai, self.gemini, self.elevenlabs

    def paid(self, path: str) -> int:
        """Count the results that were sent for a path, over all vendors."""
        return sum(len([call for call in server.paid if path in call.path]) for server in self.all)

    def at(self, workplace: Workplace, **more: str) -> Workplace:
        """Return the workplace with all keys set and `more` of the environment."""
        environment = {
            "OPENAI_API_KEY": openai_text.KEY,
            "OPENAI_BASE_URL": f"{self.openai.url}/v1",
            "GEMINI_API_KEY": gemini_text.KEY,
            "GEMINI_BASE_URL": self.gemini.url,
            "ELEVENLABS_API_KEY": elevenlabs.KEY,
            "ELEVENLABS_BASE_URL": self.elevenlabs.url,
        }
        return replace(workplace, environment={**workplace.environment, **environment, **more})


@contextmanager
def open_vendors() -> Iterator[Vendors]:
    vendors = Vendors()
    try:
        yield vendors
    finally:
        for server in vendors.all:
            server.close()
