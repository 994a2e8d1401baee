"""Package: look at everything once more, then put every file under its name, with a manifest and an archive of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import (
    AssetKind,
    Blob,
    ImageSet,
    Narration,
    Niche,
    Package,
    PackagedFile,
    Picture,
    Render,
    Script,
    Timeline,
    Verdict,
    VisualPlan,
    WordTimings,
)
from apps.pipeline.packaging import chapters, documents, names, quality
from apps.pipeline.packaging.archive import write_archive
from apps.pipeline.packaging.manifest import Subject, manifest_document
from apps.pipeline.packaging.thumbnails import HEIGHTS, Candidate, choose_candidates, draw_thumbnail
from apps.pipeline.steps.base import BlobStore, Context, Inputs, Step


@dataclass(frozen=True)
class PackageRequest:
    niche: Niche
    voice: str
    script: Script
    narration: Blob
    timings: WordTimings
    plan: VisualPlan
    pictures: tuple[Picture, ...]
    music: Blob | None
    timeline: Timeline
    render: Render


class PackageStep(Step):
    """Rejects what does not pass the quality gate. Stored files are named again; only the archive copies them."""

    name = "package"
    version = 3
    status = "PACKAGING"
    reads = ("script", "voice", "alignment", "visual_plan", "images", "timeline", "render")
    uses = ("niche_preset", "voice", "music")
    usual_seconds = 3.0
    timeout_seconds = 1800
    result = Package
    request_type = PackageRequest
    per_job = True

    def request(self, inputs: Inputs) -> PackageRequest:
        script: Script = inputs.contracts["script"]
        narration: Narration = inputs.contracts["voice"]
        images: ImageSet = inputs.contracts["images"]
        return PackageRequest(
            niche=inputs.brief["niche_preset"],
            voice=inputs.brief["voice"].provider,
            script=script,
            narration=narration.master,
            timings=inputs.contracts["alignment"],
            plan=inputs.contracts["visual_plan"],
            pictures=images.pictures,
            music=inputs.brief["music"].file if inputs.brief["music"].kind == "file" else None,
            timeline=inputs.contracts["timeline"],
            render=inputs.contracts["render"],
        )

    def make(self, request: PackageRequest, context: Context) -> Package:
        """Raises Rejected("quality_gate") with a sentence for the customer."""
        context.progress(0.0, "Checking the finished video")
        verdicts = _verdicts(request, context)
        quality.pass_gate(verdicts)
        context.progress(0.4, "Collecting the files")
        files = (*_media(request), *_texts(request, context.store), *_thumbnails(request, context.store))
        _check_names(files, request.timeline)
        manifest = _manifest(request, files, verdicts, context)
        context.progress(0.6, "Packing the archive")
        archive = _archive((manifest, *files), context)
        return Package((*files, manifest, archive), verdicts, request.timeline.duration_ms, request.script.title)


def _verdicts(request: PackageRequest, context: Context) -> tuple[Verdict, ...]:
    timings, timeline = request.timings, request.timeline
    return (
        *quality.part_verdicts(request.render, timeline),
        *quality.film_verdicts(request.render, timeline, context.store),
        *quality.caption_verdicts(request.script, timings.srt, timings.vtt, timeline.duration_ms, context.store),
        *quality.picture_verdicts(request.pictures, context.store),
    )


def _media(request: PackageRequest) -> Iterator[PackagedFile]:
    mix, timings = request.render.mix, request.timings
    yield PackagedFile(names.VIDEO, "video", request.render.video)
    yield PackagedFile(names.AUDIO_MP3, "audio", mix.mp3)
    yield PackagedFile(names.AUDIO_WAV, "audio", mix.wav)
    yield PackagedFile(names.NARRATION, "audio", request.narration)
    if request.music:
        yield PackagedFile(names.music_name(request.music.suffix), "audio", request.music)
    yield PackagedFile(names.CAPTIONS_SRT, "captions", timings.srt)
    yield PackagedFile(names.CAPTIONS_VTT, "captions", timings.vtt)
    images = {picture.scene_id: picture.image for picture in request.pictures}
    for number, segment in enumerate(request.timeline.segments, 1):
        yield PackagedFile(names.image_name(number), "image", images[segment.scene_id])


def _texts(request: PackageRequest, store: BlobStore) -> Iterator[PackagedFile]:
    texts: tuple[tuple[str, AssetKind, bytes], ...] = (
        (names.SCRIPT_JSON, "script", documents.script_document(request.script)),
        (names.SCRIPT_TEXT, "script", documents.script_text(request.script)),
        (names.TIMELINE, "timeline", documents.document(request.timeline)),
        (names.SCENE_PLAN, "plan", documents.plan_document(request.plan, request.script)),
        (names.ALIGNMENT, "captions", documents.alignment_document(request.timings.words)),
        (names.CHAPTERS_VTT, "captions", _chapters(request.script, request.timeline)),
    )
    for name, kind, content in texts:
        yield PackagedFile(name, kind, store.put_bytes(content, name[name.index(".") :]))


def _chapters(script: Script, timeline: Timeline) -> bytes:
    found = chapters.chapters_of(chapters.marks_of(script, timeline), timeline.duration_ms)
    return chapters.as_vtt(found, timeline.duration_ms).encode()


def _thumbnails(request: PackageRequest, store: BlobStore) -> Iterator[PackagedFile]:
    shape = (request.timeline.width, request.timeline.height)
    candidates = [Candidate(store.fetch(picture.image), picture.focus) for picture in request.pictures]
    first, *others = choose_candidates(candidates)
    drawn = {names.thumbnail_name(height): draw_thumbnail(first, height, shape=shape) for height in HEIGHTS}
    for number, candidate in enumerate(others, 2):
        drawn[names.choice_name(number)] = draw_thumbnail(candidate, HEIGHTS[0], shape=shape)
    for name, jpeg in drawn.items():
        yield PackagedFile(name, "thumbnail", store.put_bytes(jpeg, ".jpg"))


def _check_names(files: tuple[PackagedFile, ...], timeline: Timeline) -> None:
    """Raises ValueError when a name is not of the fixed patterns or the timeline names a file that is not there."""
    present = {file.name: file.file.sha256 for file in files}
    for name in present:
        if not names.PATTERN.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a package")
    wanted = [timeline.narration, *(segment.image for segment in timeline.segments)]
    wanted += [timeline.music.file] if timeline.music.file else []
    for media in wanted:
        if present.get(media.path) != media.sha256:
            raise ValueError(f"the timeline names {media.path}, which is not in the package")


def _manifest(
    request: PackageRequest, files: tuple[PackagedFile, ...], verdicts: tuple[Verdict, ...], context: Context
) -> PackagedFile:
    subject = Subject(
        job=context.job,
        niche=request.niche,
        voice=request.voice,
        script=request.script,
        pictures=request.pictures,
        timeline=request.timeline,
        render=request.render,
        files=files,
        verdicts=verdicts,
    )
    return PackagedFile(names.MANIFEST, "manifest", context.store.put_bytes(manifest_document(subject), ".json"))


def _archive(files: tuple[PackagedFile, ...], context: Context) -> PackagedFile:
    path = context.scratch / names.ARCHIVE
    write_archive(path, _reported(files, context))
    return PackagedFile(names.ARCHIVE, "archive", context.store.put(path, ".zip"))


def _reported(files: tuple[PackagedFile, ...], context: Context) -> Iterator[tuple[str, Path]]:
    for number, file in enumerate(files):
        context.progress(0.6 + 0.4 * number / len(files), "Packing the archive")
        yield file.name, context.store.fetch(file.file)
