"""Timeline: voice, words and pictures become one plan in frames. Pure: the same inputs give the same plan."""

from __future__ import annotations

from collections import defaultdict

from apps.pipeline.contracts import ImageSet, Narration, Picture, Scene, Script, Timeline, Word, WordTimings
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.text.alts import renamed
from apps.pipeline.timeline.blocks import TimedWord
from apps.pipeline.timeline.build import PlannedScene, TimelineRequest, build_timeline


class TimelineStep(Step):
    """Selects what stands in the plan; `apps.pipeline.timeline` decides motions, transitions and caption blocks."""

    name = "timeline"
    status = "TIMELINE_BUILD"
    reads = ("script", "voice", "alignment", "images")
    uses = ("captions", "music", "shape", "seed", "niche_preset", "on_screen_titles")
    usual_seconds = 0.2
    timeout_seconds = 60
    result = Timeline
    request_type = TimelineRequest

    def request(self, inputs: Inputs) -> TimelineRequest:
        narration: Narration = inputs.contracts["voice"]
        return TimelineRequest(
            scenes=_planned_scenes(inputs),
            narration=narration.master,
            language=inputs.contracts["script"].language,
            shape=inputs.brief["shape"],
            niche=inputs.brief["niche_preset"],
            captions=inputs.brief["captions"],
            music=inputs.brief["music"],
            seed=inputs.brief["seed"],
        )

    def make(self, request: TimelineRequest, context: Context) -> Timeline:
        return build_timeline(request)


def _planned_scenes(inputs: Inputs) -> tuple[PlannedScene, ...]:
    script: Script = inputs.contracts["script"]
    images: ImageSet = inputs.contracts["images"]
    narration: Narration = inputs.contracts["voice"]
    pictures = {picture.scene_id: picture for picture in images.pictures}
    written = {scene.scene_id: scene for scene in script.scenes}
    has_titles = inputs.brief["on_screen_titles"]
    words = _words_by_scene(script, inputs.contracts["alignment"])
    return tuple(
        PlannedScene(
            scene_id=scene.scene_id,
            start_frame=scene.start_frame,
            frames=scene.frames,
            title=written[scene.scene_id].caption if has_titles else "",
            image=(picture := pictures[scene.scene_id]).image,
            width=picture.width,
            height=picture.height,
            focus=picture.focus,
            alt=_alt(picture, written[scene.scene_id]),
            words=words[scene.scene_id],
        )
        for scene in narration.scenes
    )


def _alt(picture: Picture, scene: Scene) -> str:
    """A picture stays as it was drawn when its scene gets other words, but what is said of it quotes them no more."""
    return renamed(picture.alt, title=scene.title, heading=scene.heading)


def _words_by_scene(script: Script, timings: WordTimings) -> dict[str, tuple[TimedWord, ...]]:
    """Raises ValueError when a scene's timed words are not its displayed words."""
    timed: dict[str, list[Word]] = defaultdict(list)
    for word in timings.words:
        timed[word.scene_id].append(word)
    for scene in script.scenes:
        if [word.text for word in timed[scene.scene_id]] != [token.display for token in scene.tokens]:
            raise ValueError(f"the timed words of {scene.scene_id} are not the script's")
    return {
        scene_id: tuple(TimedWord(word.text, word.after, word.start, word.end) for word in words)
        for scene_id, words in timed.items()
    }
