"""All of Gemini that the product uses, at one address: it writes and draws."""

from __future__ import annotations

from tests.wire.gemini_pictures import GeminiPictures
from tests.wire.gemini_text import GeminiWords


class GeminiServer(GeminiPictures):
    """`words` is the script of what the model says; its text model is told from the one that draws by its name."""

    def __init__(self, *, address: str = "127.0.0.1") -> None:
        super().__init__(address=address)
        self.words = GeminiWords()
        self.serve(self.words.routes())
