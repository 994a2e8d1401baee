"""OpenAI as the writer, or any server that speaks its Chat Completions (a model on one's own machine)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.openai import OpenAIService, openai_answers
from apps.pipeline.providers.vendors.prices import cost_of_tokens
from apps.pipeline.providers.vendors.refusals import bad_answer
from apps.pipeline.providers.writer.model import MOST_ANSWER_TOKENS, ModelWriter, writer_refused
from apps.pipeline.providers.writer.questions import QUESTIONS_VERSION, Question

if TYPE_CHECKING:
    from openai.types.shared_params import ResponseFormatJSONSchema


class OpenAIWriter(OpenAIService, ModelWriter):
    """Asks with a strict JSON schema."""

    label = "OpenAI"

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.model = account.model("text")
        self.identity = f"openai {self.model} at {account.base_url}, questions {QUESTIONS_VERSION}"

    def answer(self, question: Question) -> tuple[str, Usage]:
        shape: ResponseFormatJSONSchema = {
            "type": "json_schema",
            "json_schema": {"name": question.name, "strict": True, "schema": question.schema},
        }
        with openai_answers(writer_refused()):
            completion = self.client.chat.completions.create(
                model=self.model,
                messages=[{"role": "system", "content": question.rules}, {"role": "user", "content": question.text}],
                response_format=shape,
                max_completion_tokens=MOST_ANSWER_TOKENS,
            )
            choice, used = completion.choices[0], completion.usage
            text, is_refused = choice.message.content or "", bool(choice.message.refusal)
            tokens = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
        usage = Usage(self.model, sum(tokens), cost_of_tokens(self.model, into=tokens[0], out_of=tokens[1]))
        with bought(usage):
            if is_refused or choice.finish_reason == "content_filter":
                raise writer_refused()
            if choice.finish_reason == "length":
                raise bad_answer(self.name, "cut off at its longest")
        return text, usage
