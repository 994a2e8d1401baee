"""What whoever has a link is shown of a video: its latest finished version, and three of its files."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from apps.pipeline.models import Asset, Job, Project, ShareLink
from apps.pipeline.models.share_link import TOKEN
from apps.pipeline.packaging import names
from apps.pipeline.packaging.chapters import clock
from apps.pipeline.playing import ChapterLink, Made, Player, chapter_links, made_by, player_of
from apps.pipeline.states import JobState
from apps.pipeline.transcripts import SpokenScene, transcript_of
from canvascast.errors import NotFound

# What a link reaches of a video's files, by the names that its addresses have.
_FILES = {"film.mp4": names.VIDEO, "captions.vtt": names.CAPTIONS_VTT, "poster.jpg": names.POSTER}
_NAMES = {stored: name for name, stored in _FILES.items()}
_DESCRIPTION_CHARACTERS = 200


@dataclass(frozen=True)
class SeenScene:
    """What the picture of a scene shows, for those who do not see it, and when it comes."""

    frame: str
    seconds: float
    clock: str
    alt: str


@dataclass(frozen=True)
class SharedVideo:
    """A video as anybody sees it: nothing of its owner, of what they asked for, or of what it cost.

    `description` is how the spoken words begin.
    """

    token: str
    title: str
    language: str
    description: str
    player: Player
    transcript: tuple[SpokenScene, ...]
    chapters: tuple[ChapterLink, ...]
    seen: tuple[SeenScene, ...]


def shared_video(token: str) -> SharedVideo:
    """Return the video of a live link. Four queries; one for a link that is not live, none for what is no token.

    Raises NotFound, whatever the reason: no such link, an ended one, a closed account, no film any more.
    """
    link = _live_link(token)
    job = _latest(link).first()
    if job is None:
        raise NotFound
    files = {asset.filename: asset for asset in _kept(job.assets.all()).filter(filename__in=_NAMES)}
    made = made_by(job)
    player = player_of(job, files, made.timeline, lambda asset: _address(token, _NAMES[asset.filename]))
    if not player.film:
        raise NotFound
    return _shown(token, link, job, made, player)


def shared_file(token: str, name: str) -> Asset:
    """Return a file of the video of a live link, by the name that its address has. Two queries. Raises NotFound."""
    latest = _latest(_live_link(token)).values("pk")[:1]
    found = _kept(Asset.objects.filter(job__in=latest, filename=_FILES.get(name, "")))
    asset: Asset | None = found.select_related("job__project").first()
    if asset is None:
        raise NotFound
    return asset


def public_title(project: Project) -> str:
    """Return what others are told it is called: never how its owner's own text begins, as on their own pages."""
    return project.title or "A video"


def _live_link(token: str) -> ShareLink:
    if not TOKEN.fullmatch(token):
        raise NotFound
    live = ShareLink.objects.filter(revoked_at__isnull=True, project__deleted_at__isnull=True, user__is_active=True)
    link: ShareLink | None = live.select_related("project").filter(token=token).first()
    if link is None:
        raise NotFound
    return link


def _latest(link: ShareLink) -> QuerySet[Job]:
    jobs: QuerySet[Job] = Job.objects.filter(project_id=link.project_id, state=JobState.READY).order_by("-created_at")
    return jobs


def _kept(files: QuerySet[Asset]) -> QuerySet[Asset]:
    return files.filter(expired_at__isnull=True)


def _address(token: str, name: str) -> str:
    return reverse("pipeline:shared_file", args=[token, name])


def _shown(token: str, link: ShareLink, job: Job, made: Made, player: Player) -> SharedVideo:
    transcript = transcript_of(made.timings.words) if made.timings else ()
    spoken = " ".join(line.text for scene in transcript for line in scene.lines)
    return SharedVideo(
        token=token,
        title=public_title(link.project),
        language=job.brief["language"],
        description=Truncator(spoken).chars(_DESCRIPTION_CHARACTERS),
        player=player,
        transcript=transcript,
        chapters=chapter_links(made.chapters()),
        seen=_seen(made),
    )


def _seen(made: Made) -> tuple[SeenScene, ...]:
    if made.timeline is None:
        return ()
    fps = made.timeline.fps
    starts = [(segment.start_frame / fps, segment.alt) for segment in made.timeline.segments]
    return tuple(
        SeenScene(f"{number:02}", round(start, 1), clock(round(start * 1000)), alt)
        for number, (start, alt) in enumerate(starts, 1)
        if alt
    )
