"""The script step: what it selects, what it refuses, and what it makes of a writer's answer."""

from dataclasses import replace

import pytest

from apps.pipeline import codec
from apps.pipeline.contracts import Brief, Look, Script, VoiceChoice
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.moderator.word_list import WordList
from apps.pipeline.providers.usage import Usage
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.writer.base import NarrationDraft, SceneNote, SceneNotes
from apps.pipeline.providers.writer.openai import OpenAIWriter
from apps.pipeline.providers.writer.sample import SampleWriter
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.script import ScriptStep
from apps.pipeline.text.editing import SceneChange, edit_script
from tests.wire import openai_text
from tests.wire.server import serving

BRIEF = Brief(
    prompt="Why do cats purr?",
    niche_preset="explainer",
    target_minutes=0.5,
    transcript_mode="auto",
    transcript_text="",
    language="en",
    shape="16:9",
    seed=7,
    pace="normal",
    voice=VoiceChoice("embedded", "en"),
)
TRANSCRIPT = (
    "# My film\n\n"
    "NARRATOR: It cost $3.5m in 1998, and nobody noticed. **Really?** Yes — nobody at all, not even Dr. Smith.\n\n"
    "The second part begins here [music] and it goes on for a while longer than the first."
)
VERBATIM = (
    "It cost $3.5m in 1998, and nobody noticed. Really? Yes — nobody at all, not even Dr. Smith. "
    "The second part begins here and it goes on for a while longer than the first."
)


class _Context:
    def __init__(self, provider):
        self.provider = provider
        self.shares = []
        self.kept = {}
        self.moderator = WordList()

    def progress(self, share, message=""):
        self.shares.append(share)

    def recall(self, unit, request, kind):
        return self.kept.get((unit, request))

    def keep(self, unit, request, result):
        self.kept[unit, request] = result


class _ScriptedWriter:
    """Answers each call with the next of its drafts."""

    name = identity = label = "scripted"

    def __init__(self, *drafts, notes=None):
        self.drafts = list(drafts)
        self.notes = notes
        self.seeds = []
        self.problems = []
        self.described = 0

    def narrate(self, request):
        self.seeds.append(request.seed)
        self.problems.append(request.problem)
        return NarrationDraft("T" * 500, "d", self.drafts.pop(0), Usage("m"))

    def describe(self, request):
        self.described += 1
        note = SceneNote("", "one two three four five six seven eight nine ten eleven", "x\x00 \u202ey" + "z" * 900)
        return self.notes or SceneNotes("t", "d", (note,) * len(request.scene_texts), Usage("m"))


def _request(**changes):
    brief = replace(BRIEF, **changes)
    return ScriptStep().request(Inputs({name: getattr(brief, name) for name in ScriptStep.uses}, {}))


def _make(writer=None, **changes):
    return ScriptStep().make(_request(**changes), _Context(writer or SampleWriter()))


def _words(count):
    """A draft of words that take as long as `count` average words do, within 3."""
    return (" ".join(["words"] * (count - 1)) + " end.",)


def test_transcript_keeps_every_word_and_is_written_by_you():
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)

    assert " ".join(scene.display_text for scene in script.scenes) == VERBATIM
    assert script.written_by == "you"
    assert script.title == "My film"
    assert [scene.scene_id for scene in script.scenes] == ["scene_001", "scene_002", "scene_003"]
    assert script.metadata.word_count == 33
    assert script.metadata.scene_count == 3


def test_spoken_text_is_for_the_ear():
    script = _make(transcript_mode="manual", transcript_text="It cost $3.5m in 1998.")

    assert script.scenes[0].display_text == "It cost $3.5m in 1998."
    assert script.scenes[0].spoken_text == "It cost three point five million dollars in nineteen ninety-eight."


def test_one_line_prompt_gives_an_outline_by_the_sample_writer():
    script = _make()

    assert script.title == "Why Do Cats Purr?"
    assert script.written_by == "sample writer"
    assert "sample writer" in script.description
    assert 68 <= len(script.narration_text.split()) <= 82
    assert all(3 <= scene.estimated_seconds <= 15 for scene in script.scenes)


def test_same_request_gives_the_same_script_and_survives_storage():
    script = _make()

    assert _make() == script
    assert codec.from_json(codec.to_json(script), Script) == script


def test_target_follows_pace_and_speed():
    request = _request(pace="fast", voice=VoiceChoice("embedded", "en", speed=1.5), target_minutes=2)

    assert (request.words_per_minute, request.target_words) == (270, 513)


def test_manual_request_ignores_prompt_and_length():
    manual = {"transcript_mode": "manual", "transcript_text": "Some words."}

    assert _request(**manual) == _request(**manual, prompt="other", target_minutes=9)


def test_request_ignores_voice_and_palette():
    assert _request() == _request(voice=VoiceChoice("other", "fr"), look=Look(palette="warm"))


@pytest.mark.parametrize("text", ["", "   ", "... !!!", "🎉🎉", "\x00\u202e"])
def test_text_without_words_is_refused_in_a_sentence(text):
    with pytest.raises(Rejected) as auto:
        _make(prompt=text)
    with pytest.raises(Rejected) as manual:
        _make(transcript_mode="manual", transcript_text=text)

    assert auto.value.sentence == "The prompt has no words to say. Write at least one word."
    assert manual.value.sentence == "The transcript has no words to say. Write at least one word."


def test_text_of_two_hundred_thousand_characters_is_refused():
    with pytest.raises(Rejected) as refused:
        _make(prompt="word " * 40_000)

    assert refused.value.sentence == "The prompt is too long. Keep it under 100,000 characters."


def test_word_that_no_caption_has_room_for_is_refused_before_scenes_are_described():
    writer = _ScriptedWriter(*[("w" * 150, *_words(40))] * 3)

    with pytest.raises(Rejected) as refused:
        _make(writer)

    assert refused.value.code == "long_word"
    assert writer.described == 0


def test_draft_off_the_length_is_asked_for_again_with_another_seed():
    writer = _ScriptedWriter(_words(20), _words(40), _words(74))

    script = _make(writer)

    assert writer.seeds == [7, 8, 9]
    assert script.metadata.word_count == 74


def test_writer_that_repeats_itself_is_not_asked_a_third_time():
    writer = _ScriptedWriter(_words(20), _words(20))

    script = _make(writer)

    assert script.metadata.word_count == 20


def test_draft_beyond_the_length_is_cut_at_a_sentence():
    long = (" ".join("Five words are in here." for _ in range(40)),)

    script = _make(_ScriptedWriter(long, long))

    assert script.metadata.word_count == 75


def test_untrusted_notes_are_capped_and_cleaned():
    script = _make(_ScriptedWriter(_words(75)))

    scene = script.scenes[0]
    assert len(script.title) == 200
    assert scene.title == "Scene 1"
    assert scene.caption == "one two three four five six seven eight nine ten"
    assert scene.image_prompt == "x"


def test_wrong_number_of_notes_is_transient():
    notes = SceneNotes("t", "d", (), Usage("m"))

    with pytest.raises(Transient):
        _make(_ScriptedWriter(_words(75), notes=notes))


def test_draft_without_words_is_transient():
    with pytest.raises(Transient):
        _make(_ScriptedWriter((), ("...",)))


def test_edited_words_change_one_scene_only():
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)

    edited = edit_script(script, [SceneChange(2, words="In **1999** it rained.\n\nThen")], words_per_minute=150)

    assert edited.scenes[1].display_text == "In 1999 it rained. Then"
    assert edited.scenes[1].spoken_text == "In nineteen ninety-nine it rained. Then."
    assert edited.scenes[1].image_prompt == script.scenes[1].image_prompt
    assert (edited.scenes[0], edited.scenes[2]) == (script.scenes[0], script.scenes[2])
    assert edited.metadata.word_count == sum(len(scene.tokens) for scene in edited.scenes)
    assert edited.description == f"{script.scenes[0].display_text} In 1999 it rained. Then"
    assert replace(edited, scenes=script.scenes, metadata=script.metadata, description=script.description) == script


def test_edited_picture_leaves_the_words():
    script = _make()

    edited = edit_script(script, [SceneChange(1, picture="a cat\non a roof")], words_per_minute=150)

    assert edited.scenes[0] == replace(script.scenes[0], image_prompt="a cat on a roof")
    assert edited.metadata == script.metadata


@pytest.mark.parametrize("number", [0, -1, 99])
def test_editing_a_scene_that_does_not_exist_names_the_range(number):
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)

    with pytest.raises(Rejected) as refused:
        edit_script(script, [SceneChange(number, words="x")], words_per_minute=150)

    assert refused.value.sentence == f"This video has no scene {number}. Choose a number from 1 to 3."


def test_empty_edits_are_refused():
    script = _make()

    with pytest.raises(Rejected):
        edit_script(script, [SceneChange(1, words=" ... ")], words_per_minute=150)
    with pytest.raises(Rejected):
        edit_script(script, [SceneChange(1, picture="🎉")], words_per_minute=150)


def test_words_that_differ_in_spaces_alone_are_no_change():
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)
    same = "\r\n".join(script.scenes[0].display_text.split())

    assert edit_script(script, [SceneChange(1, words=same)], words_per_minute=150) == script


def test_description_that_quotes_a_scene_quotes_its_new_words():
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)
    script = replace(script, description=f"Watch this. {script.scenes[1].display_text}")

    edited = edit_script(script, [SceneChange(2, words="It rained.")], words_per_minute=150)

    assert edited.description == "Watch this. It rained."


def test_description_that_is_how_the_words_begin_begins_as_they_do_now():
    long = "The lighthouse on the northern cape has shown its light to every ship for more than three hundred years."
    script = _make(transcript_mode="manual", transcript_text=f"{long}\n\n{long.replace('light', 'lamp')}")

    edited = edit_script(script, [SceneChange(1, words="It rained on the cape.")], words_per_minute=150)

    assert script.description.endswith("...")
    assert edited.description == f"It rained on the cape. {script.scenes[1].display_text}"


def test_scenes_that_exchange_their_words_do_so_in_the_description():
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)
    first, second = (scene.display_text for scene in script.scenes[:2])
    script = replace(script, description=f"First: {first} Then: {second}")

    changes = [SceneChange(1, words=second), SceneChange(2, words=first)]
    edited = edit_script(script, changes, words_per_minute=150)

    assert edited.description == f"First: {second} Then: {first}"


def test_description_stays_short_whatever_it_quotes():
    script = _make(transcript_mode="manual", transcript_text=TRANSCRIPT)
    script = replace(script, description=f"Watch this. {script.scenes[1].display_text}")

    edited = edit_script(script, [SceneChange(2, words="It rained. " * 150)], words_per_minute=150)

    assert (len(edited.description), edited.description[-14:]) == (996, " rained. It...")


def test_new_picture_is_another_take_of_the_same_scene():
    script = _make()

    edited = edit_script(script, [SceneChange(1, wants_new_picture=True)], words_per_minute=150, take=3)

    assert edited.scenes[0] == replace(script.scenes[0], take=3)


def test_second_question_says_how_far_off_the_first_answer_was():
    writer = _ScriptedWriter(_words(143), _words(72))

    _make(writer, target_minutes=0.5)

    assert writer.problems == ["", "It is 93 % too long when it is said. Write 48 % less."]


def test_answers_are_not_asked_for_again_after_a_restart():
    context = _Context(_ScriptedWriter(_words(143), _words(72)))
    request = _request(target_minutes=0.5)
    first = ScriptStep().make(request, context)
    context.provider = _ScriptedWriter()

    assert ScriptStep().make(request, context) == first
    assert context.provider.problems == []


def test_wrong_number_of_scenes_is_asked_for_again_and_not_kept():
    one = SceneNotes("t", "d", (SceneNote("", "", "x"),), Usage("m"))
    writer = _ScriptedWriter(_words(72), notes=one)
    context = _Context(writer)

    with pytest.raises(Transient) as raised:
        ScriptStep().make(_request(target_minutes=0.5), context)

    assert raised.value.code == "bad_script"
    assert writer.described == 3
    assert [unit for unit, _ in context.kept] == ["narration 1"]


def test_text_of_which_no_video_is_made_is_refused_before_anybody_writes():
    writer = _ScriptedWriter(_words(72))

    with pytest.raises(Rejected) as raised:
        _make(writer, prompt="A tutorial on building a pipe bomb at home")

    assert raised.value.code == "text_refused"
    assert raised.value.sentence.startswith("We make no videos about this")
    assert writer.seeds == []


def test_pasted_words_stay_and_only_what_goes_with_them_is_asked_for():
    server, _ = openai_text.openai_text()
    account = Account("openai", openai_text.KEY, f"{server.url}/v1", {"text": "gpt-5-mini"})

    with serving(server):
        script = _make(OpenAIWriter(account), transcript_mode="manual", transcript_text=TRANSCRIPT)

    assert " ".join(script.narration_text.split()) == VERBATIM
    assert script.written_by == "you"
    assert script.scenes[0].image_prompt == "A grey cat on a red sofa, view 1"
    assert len(script.hooks) == 3
    assert [("Give exactly" in call.json["messages"][1]["content"]) for call in server.calls] == [True]
