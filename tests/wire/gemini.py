"""All of Gemini that the product uses, at one address: it writes and draws."""

from __future__ import annotations

from tests.wire.gemini_pictures import GeminiPictures
from tests.wire.gemini_text import GeminiWords


class GeminiServer(GeminiPictures):
    """`words` is the script of what the model says; its text model is told from the one that draws by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.words = GeminiWords()
        self.serve(self.words.routes())
