"""Small copies of the pictures of scenes, for pages: made once on each machine, named by content."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from PIL import Image

from apps.accounts.models import User
from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.models import Artifact, Asset
from canvascast.errors import NotFound

WIDTHS = (320, 640)
_QUALITY = 78


def small_picture(user: User, project_id: UUID, sha256: str, width: int) -> Path:
    """Return a WebP of that width of a picture or a thumbnail of one of the user's videos. Two queries at most.

    Raises NotFound for what is not theirs or not there, StorageUnavailable when the storage does not answer.
    """
    suffix = _suffix_of(user, project_id, sha256)
    if width not in WIDTHS or not suffix:
        raise NotFound
    path = _path(user.pk, sha256, width)
    if not path.is_file():
        _write(path, _shrunk(storage_name(user.pk, Blob(sha256, 0, suffix)), width))
    return path


def forget_small_pictures(names: Iterable[str]) -> None:
    """Delete this machine's copies of the pictures with these storage names."""
    for name in names:
        picture = PurePosixPath(name)
        for width in WIDTHS:
            _path(picture.parts[0], picture.stem, width).unlink(missing_ok=True)


def small_pictures() -> Iterator[Path]:
    """Yield this machine's copies: of a video deleted on another machine they are all that is left."""
    return _folder().rglob("*.webp")


def _suffix_of(user: User, project_id: UUID, sha256: str) -> str:
    """Empty for a file that is no picture of the user's video."""
    if _is_drawn_for(user, project_id, sha256):
        return ".png"
    return ".jpg" if _is_thumbnail_of(user, project_id, sha256) else ""


def _is_drawn_for(user: User, project_id: UUID, sha256: str) -> bool:
    drawn = Artifact.objects.for_user(user).filter(project_id=project_id, project__deleted_at__isnull=True)
    return drawn.filter(step="images", payload__image__sha256=sha256).exists()


def _is_thumbnail_of(user: User, project_id: UUID, sha256: str) -> bool:
    kept = Asset.objects.filter(kind="thumbnail", sha256=sha256, expired_at__isnull=True)
    return kept.filter(job__user=user, job__project_id=project_id, job__project__deleted_at__isnull=True).exists()


def _shrunk(name: str, width: int) -> bytes:
    try:
        with storages["generated-assets"].open(name) as source, Image.open(source) as picture:
            height = round(picture.height * width / picture.width)
            small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    except FileNotFoundError as error:
        raise NotFound from error
    stream = BytesIO()
    small.save(stream, "WEBP", quality=_QUALITY)
    return stream.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Whoever asks at the same moment finds the whole file or makes it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(partial).replace(path)


def _path(user_id: object, sha256: str, width: int) -> Path:
    return _folder() / str(user_id) / sha256[:2] / f"{sha256}-{width}.webp"


def _folder() -> Path:
    return Path(settings.CACHE_DIR) / "pictures"
