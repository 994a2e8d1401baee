"""OpenAI's moderation, which is free of charge."""

from __future__ import annotations

from apps.pipeline.providers.moderator.base import Judgement
from apps.pipeline.providers.usage import Usage
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.openai import OpenAIService, openai_answers

# A text about a war or an illness is flagged by these too; what counts is how sure the model is of the worst kinds.
_REFUSED_ABOVE = {
    "sexual/minors": 0.2,
    "sexual": 0.8,
    "hate/threatening": 0.5,
    "harassment/threatening": 0.8,
    "illicit": 0.8,
    "illicit/violent": 0.5,
    "self-harm/instructions": 0.5,
    "self-harm/intent": 0.8,
    "violence/graphic": 0.95,
}
_PIECE_CHARACTERS = 20_000


class OpenAIModerator(OpenAIService):
    """Judges long texts in pieces, in one call."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.model = account.model("moderation")
        self.identity = f"openai {self.model}"

    def judge(self, text: str) -> Judgement:
        """Raises what the vendor's calls raise: a text that nobody could judge is not used."""
        pieces = [text[start : start + _PIECE_CHARACTERS] for start in range(0, len(text), _PIECE_CHARACTERS)]
        with openai_answers():
            answer = self.client.moderations.create(model=self.model, input=pieces)
            scores = [result.category_scores.to_dict() for result in answer.results]
            reasons = [kind for kind, most in _REFUSED_ABOVE.items() if any(_score(one, kind) > most for one in scores)]
            if len(scores) != len(pieces):
                raise ValueError(f"{len(scores)} of {len(pieces)} judged")
        return Judgement(tuple(reasons), Usage(self.model, units=len(pieces)))


def _score(scores: dict[str, object], kind: str) -> float:
    score = scores.get(kind, 0.0)
    return float(score) if isinstance(score, int | float) else 0.0
