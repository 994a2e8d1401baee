"""Where sentences end."""

import pytest

from apps.pipeline.text.sentences import ends_clause, split_sentences
from apps.pipeline.text.tokens import tokenise


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One here. Two there! Three?", ["One here.", "Two there!", "Three?"]),
        ("Dr. Smith met J. R. Jones. They spoke.", ["Dr. Smith met J. R. Jones.", "They spoke."]),
        ("The U.S. Army came. He left the U.S. He won.", ["The U.S. Army came.", "He left the U.S.", "He won."]),
        ("It is 3.5 times more, e.g. Here.", ["It is 3.5 times more, e.g. Here."]),
        ("“Really?” he asked. “Yes.” Then he left.", ["“Really?” he asked.", "“Yes.”", "Then he left."]),
        ("Well... maybe. Wait... Now.", ["Well... maybe.", "Wait...", "Now."]),
        ("See No. 5 now. He said no. Five came.", ["See No. 5 now.", "He said no.", "Five came."]),
        ("In Jan. 2020 it rained.", ["In Jan. 2020 it rained."]),
        ("One more rep. Then rest. It will rev. Go.", ["One more rep.", "Then rest.", "It will rev.", "Go."]),
        ("Gen. Lee met Rev. Smith. On Main St. He won.", ["Gen. Lee met Rev. Smith.", "On Main St.", "He won."]),
        ("我来了。你呢？好！", ["我来了。", "你呢？", "好！"]),
        ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("كيف حالك؟ بخير.", ["كيف حالك؟", "بخير."]),
        ("no stop at the end", ["no stop at the end"]),
    ],
)
def test_text_splits_at_its_sentence_ends(text, sentences):
    split = split_sentences(tokenise(text, "en"))

    assert ["".join(token.display + token.after for token in part).strip() for part in split] == sentences


def test_clause_ends_at_comma_dash_and_colon():
    tokens = tokenise("first, second — third: fourth; “fifth,” sixth", "en")

    assert [ends_clause(token) for token in tokens] == [True, True, True, True, True, False]
