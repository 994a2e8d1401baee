"""Several aligners in order: who serves, what is recorded, and what is raised when nobody can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.pipeline.contracts import TokenTime
from apps.pipeline.providers import registry
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.aligner.cascade import Cascade
from apps.pipeline.providers.aligner.quality import check_times, check_whole
from apps.pipeline.providers.aligner.speaker_events import SpeakerEventsAligner
from apps.pipeline.providers.errors import PipelineError, RateLimited, Rejected, Transient
from apps.pipeline.providers.usage import Usage
from apps.pipeline.steps.alignment import AlignmentStep
from tests.pipeline.folder_store import folder_context
from tests.pipeline.spoken import alignment_inputs, narrate, script_of, tokens_of
from tests.providers.scenes import SpokenScene, spoken_scene
from tests.providers.test_aligner_openai import aligner_at
from tests.wire.openai_pictures import OpenAIPictures

NO_TIMES = Rejected("no_word_times", "This voice does not tell.")
BELOW_BAR = Transient("alignment_quality")
NO_WEIGHTS = PipelineError("whisper_unusable")
UNREACHABLE = Transient("vendor_unreachable")
BUSY = RateLimited("rate_limited", datetime(2026, 1, 1, tzinfo=UTC))


@dataclass
class Stub:
    """Answers with `confidence` for every word, or fails."""

    name: str
    answer: float | PipelineError
    asked: list[AlignRequest] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return f"{self.name} 1"

    def align(self, request: AlignRequest) -> Alignment:
        self.asked.append(request)
        if isinstance(self.answer, PipelineError):
            raise self.answer
        words = (TokenTime(index, index * 0.1, index * 0.1 + 0.1, self.answer) for index in range(len(request.tokens)))
        return Alignment(tuple(words), Usage(self.name), self.name)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SpokenScene:
    return spoken_scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def server() -> Iterator[OpenAIPictures]:
    made = OpenAIPictures()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("first", "served_by", "asked"),
    [
        (0.9, "first", [1, 0]),
        (0.1, "second", [1, 1]),
        (NO_TIMES, "second", [1, 1]),
        (BELOW_BAR, "second", [1, 1]),
        (UNREACHABLE, "second", [1, 1]),
        (NO_WEIGHTS, "second", [1, 1]),
    ],
    ids=["passes", "unsure", "no-times", "below-the-bar", "unreachable", "not-set-up"],
)
def test_the_first_that_passes_serves(first, served_by: str, asked: list[int], scene: SpokenScene) -> None:
    members = [Stub("first", first), Stub("second", 0.9)]

    found = Cascade(members).align(scene.request())

    assert (found.served_by, [len(member.asked) for member in members]) == (served_by, asked)


@pytest.mark.parametrize(
    ("failures", "raised"),
    [
        ((NO_TIMES, BELOW_BAR), BELOW_BAR),
        ((NO_TIMES, NO_WEIGHTS), NO_WEIGHTS),
        ((BELOW_BAR, UNREACHABLE), UNREACHABLE),
        ((BUSY, BELOW_BAR, NO_WEIGHTS), BUSY),
        ((NO_TIMES, NO_TIMES), NO_TIMES),
    ],
)
def test_what_may_pass_by_itself_is_raised_first(failures, raised: PipelineError, scene: SpokenScene) -> None:
    cascade = Cascade([Stub(f"member {number}", failure) for number, failure in enumerate(failures)])

    with pytest.raises(PipelineError) as caught:
        cascade.align(scene.request())

    assert caught.value is raised


def test_a_bug_is_not_passed_over(scene: SpokenScene) -> None:
    class Broken(Stub):
        def align(self, request: AlignRequest) -> Alignment:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Cascade([Broken("first", 0.9), Stub("second", 0.9)]).align(scene.request())


def test_other_members_or_another_order_are_another_identity() -> None:
    first, second = Stub("first", 0.9), Stub("second", 0.9)

    identities = [Cascade(members).identity for members in ([first, second], [second, first], [first])]

    assert identities == ["first 1 > second 1", "second 1 > first 1", "first 1"]


def test_a_voice_without_word_times_is_timed_by_the_next(server: OpenAIPictures, tmp_path: Path) -> None:
    context = folder_context(tmp_path)
    script = script_of()
    narration = narrate(script, context)
    silent = replace(narration, scenes=tuple(replace(scene, word_times=None) for scene in narration.scenes))
    step, context.provider = AlignmentStep(), Cascade([SpeakerEventsAligner(), aligner_at(server)])
    told, untold = (step.parts(alignment_inputs(script, spoken))["s1"] for spoken in (narration, silent))
    server.heard = [(token.display, time.start, time.end) for token, time in zip(told.tokens, told.hints, strict=True)]

    served = [step.make_part(request, context).served_by for request in (told, untold)]

    assert (served, len(server.paid)) == (["speaker-events", "openai"], 1)


def test_one_aligner_alone_is_no_cascade() -> None:
    assert isinstance(registry.aligner(["speaker-events"]), SpeakerEventsAligner)


@pytest.mark.parametrize(
    ("confidences", "passes"),
    [
        ([1.0, 1.0, 1.0, 0.0, 0.0], True),
        ([0.2, 0.2, 0.2, 0.1, 0.1], True),
        ([1.0, 1.0, 0.0, 0.0, 0.0], False),
        ([0.1] * 5, False),
    ],
)
def test_three_in_five_words_must_be_heard(confidences: list[float], passes: bool) -> None:
    times = [TokenTime(index, index / 10, (index + 1) / 10, each) for index, each in enumerate(confidences)]

    if passes:
        check_times(times, 5, 1.0)
    else:
        with pytest.raises(Transient) as caught:
            check_times(times, 5, 1.0)
        assert caught.value.code == "alignment_quality"


_HEARD, _SQUEEZED, _SAID = (0.3, 1.0), (0.01, 0.0), (0.3, 0.0)


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        ([_HEARD] * 4 + [_SQUEEZED] * 3 + [_HEARD] * 8, True),
        ([_HEARD] * 4 + [_SQUEEZED] * 4 + [_HEARD] * 7, False),
        ([_HEARD] * 4 + [_SAID] * 6 + [_HEARD] * 7, True),
        ([_HEARD] * 4 + [_SAID] * 7 + [_HEARD] * 7, False),
        ([_HEARD] * 30 + [_SQUEEZED] * 5 + [_HEARD] * 7, True),
        ([_HEARD] * 13 + [_SQUEEZED] * 2, True),
        ([_HEARD] * 12 + [_SQUEEZED] * 3, False),
        ([_HEARD] * 12 + [_SAID] * 4, True),
        ([_HEARD] * 12 + [_SAID] * 5, False),
        ([_HEARD, _SAID, _HEARD], True),
    ],
    ids=[
        "a name left out",
        "a clause left out",
        "a clause heard otherwise",
        "another sentence",
        "an eighth of a long scene",
        "two left out at the end",
        "stopped early",
        "an end heard otherwise",
        "another end",
        "three words",
    ],
)
def test_words_in_a_row_must_not_be_left_out(words: list[tuple[float, float]], passes: bool) -> None:
    begins = [sum(seconds for seconds, _ in words[:index]) for index in range(len(words))]
    times = [
        TokenTime(index, begin, begin + seconds, sure)
        for index, (begin, (seconds, sure)) in enumerate(zip(begins, words, strict=True))
    ]
    tokens = tokens_of("word " * len(words))

    if passes:
        check_whole(times, tokens)
    else:
        with pytest.raises(Transient) as caught:
            check_whole(times, tokens)
        assert caught.value.code == "alignment_quality"


def test_signs_of_an_unspaced_script_count_as_less_than_words() -> None:
    tokens = tokens_of("猫会因为很多原因发出呼噜声呢")
    times = [TokenTime(index, index / 5, (index + 1) / 5, 0.0 if 4 <= index < 9 else 1.0) for index in range(14)]

    check_whole(times, tokens)
