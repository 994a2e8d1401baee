"""Gemini as the writer."""

from __future__ import annotations

from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.gemini import GeminiService, gemini_answers, require_allowed
from apps.pipeline.providers.vendors.prices import cost_of_tokens
from apps.pipeline.providers.vendors.refusals import bad_answer
from apps.pipeline.providers.writer.model import MOST_ANSWER_TOKENS, ModelWriter, writer_refused
from apps.pipeline.providers.writer.questions import QUESTIONS_VERSION, Question


class GeminiWriter(GeminiService, ModelWriter):
    """Asks with a JSON schema."""

    label = "Gemini"

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.model = account.model("text")
        self.identity = f"gemini {self.model}, questions {QUESTIONS_VERSION}"

    def answer(self, question: Question) -> tuple[str, Usage]:
        from google.genai.types import GenerateContentConfig

        config = GenerateContentConfig(
            system_instruction=question.rules,
            response_mime_type="application/json",
            response_json_schema=question.schema,
            max_output_tokens=MOST_ANSWER_TOKENS,
        )
        with gemini_answers():
            answer = self.client.models.generate_content(model=self.model, contents=question.text, config=config)
            used = answer.usage_metadata
        into = (used and used.prompt_token_count) or 0
        out_of = (used and ((used.candidates_token_count or 0) + (used.thoughts_token_count or 0))) or 0
        usage = Usage(self.model, into + out_of, cost_of_tokens(self.model, into=into, out_of=out_of))
        with bought(usage), gemini_answers():
            require_allowed(answer, writer_refused())
            if not (text := answer.text or ""):
                raise bad_answer(self.name, "no text")
        return text, usage
