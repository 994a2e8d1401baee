"""manifest.json: what the package holds. Names are relative, keys are camelCase, and there is no URL in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.pipeline.contracts import SAMPLE_RATE, Niche, PackagedFile, Picture, Render, Script, Timeline, Verdict
from apps.pipeline.packaging.documents import document
from apps.pipeline.packaging.names import image_name
from apps.pipeline.steps.base import JobFacts

VERSION = 1


@dataclass(frozen=True)
class Subject:
    """What the manifest describes. `files` are all but the manifest itself and the archive around it.

    `voice` names who speaks: a provider, or "recording" for a reading of the user's own.
    """

    job: JobFacts
    niche: Niche
    voice: str
    script: Script
    pictures: tuple[Picture, ...]
    timeline: Timeline
    render: Render
    files: tuple[PackagedFile, ...]
    verdicts: tuple[Verdict, ...]


def manifest_document(subject: Subject) -> bytes:
    """Return manifest.json."""
    script, render = subject.script, subject.render
    return document(
        {
            "version": VERSION,
            "projectId": subject.job.project_id,
            "jobId": subject.job.job_id,
            "createdAt": subject.job.created_at,
            "title": script.title,
            "description": script.description,
            "niche": subject.niche,
            "language": script.language,
            "writtenBy": script.written_by,
            "voice": subject.voice,
            "durationMs": subject.timeline.duration_ms,
            "width": render.width,
            "height": render.height,
            "fps": render.fps,
            "codec": render.codec,
            "sampleRate": SAMPLE_RATE,
            "wordCount": script.metadata.word_count,
            "sceneCount": len(subject.timeline.segments),
            "scenes": _scenes(subject),
            "files": _files(subject.files),
            "checks": _checks(subject.verdicts),
        }
    )


def _scenes(subject: Subject) -> list[dict[str, Any]]:  # Any: JSON
    timeline = subject.timeline
    titles = {scene.scene_id: scene.called for scene in subject.script.scenes}
    pictures = {picture.scene_id: picture for picture in subject.pictures}
    return [
        {
            "sceneId": segment.scene_id,
            "title": titles[segment.scene_id],
            "startMs": round(segment.start_frame * 1000 / timeline.fps),
            "durationMs": round(segment.frames * 1000 / timeline.fps),
            "image": image_name(number),
            "width": pictures[segment.scene_id].width,
            "height": pictures[segment.scene_id].height,
            "bytes": pictures[segment.scene_id].image.size_bytes,
        }
        for number, segment in enumerate(timeline.segments, 1)
    ]


def _files(files: Sequence[PackagedFile]) -> list[dict[str, Any]]:  # Any: JSON
    return [
        {"name": file.name, "kind": file.kind, "sha256": file.file.sha256, "bytes": file.file.size_bytes}
        for file in files
    ]


def _checks(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:  # Any: JSON
    return [
        {"check": verdict.check, "where": verdict.where, "measured": verdict.measured, "limit": verdict.limit}
        for verdict in verdicts
    ]
