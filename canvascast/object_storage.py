"""Private files in an S3 bucket (or R2, MinIO, …): nothing is public, links are signed and short."""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import IO, Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from django.core.files.base import File
from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError, S3ValidationError
from storages.backends.s3 import S3Storage

from canvascast.storages import LINK_SECONDS, StorageUnavailable

_MOST_MEMORY_BYTES = 8 * 1024 * 1024
# What reads and writes bodies, and what reads answers, raise errors that belong to neither of boto's families.
_TROUBLE = (
    *(BotoCoreError, ClientError, Boto3Error, ResponseParserError),
    *(RetriesExceededError, S3DownloadFailedError, S3ValidationError),
)
# What boto calls them when it signs, and S3 in an address.
_QUERY_NAMES = {
    "ResponseContentType": "response-content-type",
    "ResponseContentDisposition": "response-content-disposition",
}


class BucketStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """Objects appear whole or not at all; writing a name again replaces it. Raises StorageUnavailable.

    Unlike the vendors' SDKs, botocore keeps its own three attempts: no call here is paid for, each may be repeated,
    S3 answers "slow down" in the course of business, and the alternative is to repeat a whole step. `read_seconds` is
    how long it waits for the next piece of an answer.
    """

    most_at_once = 1000

    def get_default_settings(self) -> dict[str, Any]:  # Any: django-storages' option values
        return {
            **super().get_default_settings(),
            "querystring_expire": LINK_SECONDS,
            "file_overwrite": True,
            "max_memory_size": _MOST_MEMORY_BYTES,
            # Threads of its own would outlive the deadline of the step that waits for them.
            "transfer_config": TransferConfig(use_threads=False),
        }

    def __init__(self, *, read_seconds: float = 20, **options: Any) -> None:  # Any: as above
        # Other servers than Amazon's may know neither host names of buckets nor the newer checksums.
        addressing = "path" if options.get("endpoint_url") else "virtual"
        # Links into us-east-1 would otherwise name no region, and pages allow the regional host alone.
        hosts = {"addressing_style": addressing, "us_east_1_regional_endpoint": "regional"}
        config = Config(
            signature_version="s3v4",
            s3=hosts,
            connect_timeout=5,
            read_timeout=read_seconds,
            retries={"mode": "standard", "total_max_attempts": 3},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**options, client_config=config)

    def _open(self, name: str, mode: str = "rb") -> File[Any]:  # Any: bytes or text
        with _named_trouble(name):
            try:
                opened: File[Any] = super()._open(name, mode)
            except FileNotFoundError:
                self._require_bucket()
                raise
            # Fetched here rather than at the first read, so that trouble shows where it is looked for.
            return opened.open()

    def _save(self, name: str, content: IO[Any]) -> str:
        with _named_trouble(name):
            return str(super()._save(name, content))

    def exists(self, name: str) -> bool:
        with _named_trouble(name):
            if super().exists(name):
                return True
            self._require_bucket()
            return False

    def get_modified_time(self, name: str) -> datetime:
        with _named_trouble(name), _named_absence(name):
            found: datetime = super().get_modified_time(name)
            return found

    def size(self, name: str) -> int:
        with _named_trouble(name):
            return int(super().size(name))

    def delete(self, name: str) -> None:
        with _named_trouble(name):
            super().delete(name)

    def url(
        self,
        name: str,
        parameters: dict[str, str] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        """Return a signed link; `parameters` are those of S3's GetObject, as ResponseContentType.

        Through a CDN it stands for every method and serves as long.
        """
        if self.custom_domain:
            parameters = {_QUERY_NAMES[key]: value for key, value in (parameters or {}).items()}
        return str(super().url(name, parameters, expire, http_method))

    def delete_all(self, names: Sequence[str]) -> None:
        """Delete these files, a thousand by one question; one that is gone is no error."""
        client = self.connection.meta.client
        client.meta.events.register("before-call.s3.DeleteObjects", _add_md5, unique_id="canvascast_md5")
        for first in range(0, len(names), self.most_at_once):
            keys = [{"Key": self._key(name)} for name in names[first : first + self.most_at_once]]
            with _named_trouble(names[first]):
                answer = client.delete_objects(Bucket=self.bucket_name, Delete={"Objects": keys, "Quiet": True})
            for refused in answer.get("Errors", ()):
                raise StorageUnavailable(f"{refused.get('Key')}: {_word(str(refused.get('Code', '')))}")

    def older_of(self, names: Sequence[str], than: datetime) -> tuple[list[str], int]:
        """As `ManyFiles` has it, by one question: it tells of up to a thousand files, whether they are named or not."""
        keys = [self._key(name) for name in names]
        # The marker itself is left out of the answer, so it is one that stands right before the first.
        place = {"Prefix": self._key(""), "Marker": keys[0][:-1]}
        with _named_trouble(names[0]):
            answer = self.connection.meta.client.list_objects(Bucket=self.bucket_name, **place)
        written = {found["Key"]: found["LastModified"] for found in answer.get("Contents", ())}
        looked_at = max(1, bisect_right(keys, max(written))) if answer["IsTruncated"] else len(keys)
        old = {key for key in keys[:looked_at] if key in written and written[key] < than}
        return [name for name in names if self._key(name) in old], looked_at

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _named_trouble(name):
            folders, files = super().listdir(name)
            return folders, files

    def names_and_sizes(self) -> Iterator[tuple[str, int]]:
        """Yield every name with its size in bytes, a thousand for one question."""
        prefix = self._key("")
        with _named_trouble(prefix):
            for found in self.bucket.objects.filter(Prefix=prefix):
                yield found.key.removeprefix(prefix), found.size

    def _key(self, name: str) -> str:
        return f"{self.location.strip('/')}/{name}"

    def _require_bucket(self) -> None:
        """Raise StorageUnavailable where it is the bucket that is missing: asked for a file, S3 says 404 to both."""
        try:
            self.connection.meta.client.head_bucket(Bucket=self.bucket_name)
        except ClientError as error:
            # A key that may not ask for the bucket was answered about the file all the same.
            if _status(error) == HTTPStatus.NOT_FOUND:
                raise StorageUnavailable(f"{self.bucket_name}: there is no such bucket") from error


@contextmanager
def _named_trouble(name: str) -> Iterator[None]:
    try:
        yield
    except _TROUBLE as error:
        raise StorageUnavailable(f"{name}: {_words_for(error)}") from error


@contextmanager
def _named_absence(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _status(error) != HTTPStatus.NOT_FOUND:
            raise
        raise FileNotFoundError(name) from error


def _add_md5(params: dict[str, Any], **_: object) -> None:  # Any: the request as botocore has it
    """Servers that know none of the newer checksums want this one with a list of what to delete."""
    digest = hashlib.md5(params["body"], usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()


def _words_for(error: Exception) -> str:
    """Return S3's own word for it, as AccessDenied, or boto's where S3 said nothing; never what else was said."""
    cause = error.last_exception if isinstance(error, RetriesExceededError) else error
    word = str(cause.response.get("Error", {}).get("Code", "")) if isinstance(cause, ClientError) else ""
    return _word(word) or type(cause).__name__


def _word(code: str) -> str:
    return code[:40] if code.isalnum() else ""


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
