"""All of OpenAI that the product uses, at one address: it writes, judges, speaks, draws, and hears what it has said."""

from __future__ import annotations

import io
import re
import wave

from tests.wire.forms import form_of
from tests.wire.openai_pictures import OpenAIPictures, transcription
from tests.wire.openai_speech import speech
from tests.wire.openai_text import Words
from tests.wire.server import Call, Reply, as_json
from tests.wire.sound import spoken


class OpenAIServer(OpenAIPictures):
    """`words` is the script of what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Words()
        self._said: list[tuple[float, str, list[tuple[float, float]]]] = []
        self.serve(
            {
                **self.words.routes(),
                ("POST", "/v1/audio/speech"): self._speak,
                ("POST", "/v1/audio/transcriptions"): self._hear,
            }
        )

    def _speak(self, call: Call, found: re.Match[str]) -> Reply:
        reply = speech(call, found)
        if reply.status == 200:
            text = call.json["input"]
            self._said.append((len(reply.body) / 48_000, text, spoken(text, call.json.get("speed", 1.0))[1]))
        return reply

    def _hear(self, call: Call, found: re.Match[str]) -> Reply:
        """Tell the words of what was said with the sound's length; scenes differ in it."""
        with wave.open(io.BytesIO(form_of(call).files["file"][0].content)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        _, text, times = min(self._said, key=lambda said: abs(said[0] - seconds))
        heard = [
            (word.group(), times[word.start()][0], times[word.end() - 1][1]) for word in re.finditer(r"[\w']+", text)
        ]
        return as_json(transcription(heard))
