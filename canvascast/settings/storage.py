"""Where files live: folders under VAR_DIR, or one S3 bucket with a prefix for each storage when S3_BUCKET is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from canvascast import env
from canvascast.storages import DELIVERED, PRIVATE_STORAGES

_DEFAULT_REGION = "us-east-1"

# More than any form takes, so that the form itself can say how many it does.
DATA_UPLOAD_MAX_NUMBER_FILES = 20
# Uploads never wait in memory.
FILE_UPLOAD_HANDLERS = ["canvascast.uploads.ScratchUploadHandler"]

DISK_FLOOR_BYTES = env.integer("DISK_FLOOR_BYTES", 1024**3)


def storages(var_dir: Path) -> dict[str, dict[str, Any]]:  # Any: the shape Django's STORAGES has
    """Return STORAGES. Raises ImproperlyConfigured when S3_BUCKET or MEDIA_CDN_DOMAIN is set without its keys."""
    private = _in_bucket() if env.value("S3_BUCKET", "") else _in_folders(var_dir)
    return {**private, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}


def media_origins() -> tuple[str, ...]:
    """Return the origins, besides the site's own, from which pages show pictures, films and sound: S3's and the CDN's.

    What was made comes through the CDN; samples of voices come from the bucket all the same.
    """
    if not (bucket := env.value("S3_BUCKET", "")):
        return ()
    domain = env.value("MEDIA_CDN_DOMAIN", "")
    return (*([f"https://{domain}"] if domain else []), _bucket_origin(bucket))


def _bucket_origin(bucket: str) -> str:
    endpoint = _endpoint()
    if not endpoint:
        return f"https://{bucket}.s3.{_region(endpoint)}.amazonaws.com"
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"


def _in_folders(var_dir: Path) -> dict[str, dict[str, Any]]:
    return {
        "default": _folder(var_dir / "media"),
        **{name: _folder(var_dir / "storage" / name) for name in PRIVATE_STORAGES},
    }


def _folder(location: Path) -> dict[str, Any]:
    return {"BACKEND": "canvascast.storages.DurableStorage", "OPTIONS": {"location": location, "allow_overwrite": True}}


def _in_bucket() -> dict[str, dict[str, Any]]:
    endpoint = _endpoint()
    shared = {
        "bucket_name": env.value("S3_BUCKET"),
        "access_key": _required("S3_ACCESS_KEY_ID"),
        "secret_key": _required("S3_SECRET_ACCESS_KEY"),
        "region_name": _region(endpoint),
        "endpoint_url": endpoint or None,
    }
    names = {"default": "media", **{name: name for name in PRIVATE_STORAGES}}
    own = {DELIVERED: _through_cdn()}
    return {
        name: {
            "BACKEND": "canvascast.object_storage.BucketStorage",
            "OPTIONS": {**shared, "location": prefix, **own.get(name, {})},
        }
        for name, prefix in names.items()
    }


def _through_cdn() -> dict[str, str]:
    """Return how links to what was made are signed for a CDN: one without keys would show everybody everything."""
    domain = env.value("MEDIA_CDN_DOMAIN", "")
    if not domain:
        return {}
    keys = {"cloudfront_key_id": "MEDIA_CDN_KEY_ID", "cloudfront_key": "MEDIA_CDN_PRIVATE_KEY"}
    missing = [name for name in keys.values() if not env.value(name, "")]
    if missing:
        raise ImproperlyConfigured(f"MEDIA_CDN_DOMAIN is set, so {missing[0]} is needed too: its links are signed.")
    return {"custom_domain": domain, **{option: env.value(name) for option, name in keys.items()}}


def _endpoint() -> str:
    """Return the server's address without name and password: S3 asks for none, and pages and links show the rest."""
    parts = urlsplit(env.value("S3_ENDPOINT_URL", ""))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _region(endpoint: str) -> str:
    return env.value("S3_REGION", "") or ("auto" if endpoint else _DEFAULT_REGION)


def _required(name: str) -> str:
    found = env.value(name, "")
    if not found:
        raise ImproperlyConfigured(f"S3_BUCKET is set, so {name} is needed too; without S3_BUCKET files stay on disk.")
    return found
