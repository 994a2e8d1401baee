"""One S3 bucket on loopback: files whole and in parts, checksums of what is sent, S3's own words for what is wrong."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

from tests.wire.server import Call, Fault, Reply, WireServer, answer

BUCKET = "canvascast-wire"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_LONG_AGO = "Sun, 29 Nov 2026 06:00:00 GMT"
_LISTED_AT_ONCE = 1000


def refusal(code: int, word: str) -> Fault:
    """S3's answer to what it does not do. To a HEAD it has no body, so the word is lost there."""
    return Fault("answer", _no(code, word))


def other_content(content: bytes) -> Fault:
    """The file comes in its own length with another content."""
    return answer(content, "binary/octet-stream", ETag='"other"')


class S3Server(WireServer):
    """`files` by name; `uploads` are those in parts that were neither finished nor taken back.

    Of `written` is told when they last were, by name; others were long ago. What is in `kept` cannot be deleted.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.written: dict[str, str] = {}
        self.kept: set[str] = set()
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.is_there = True
        file = rf"/{BUCKET}/(.+)"
        super().__init__(
            {
                ("HEAD", rf"/{BUCKET}/?"): self._bucket,
                ("GET", rf"/{BUCKET}/?"): self._list,
                ("POST", rf"/{BUCKET}/?"): self._delete_many,
                ("HEAD", file): self._get,
                ("GET", file): self._get,
                ("PUT", file): self._put,
                ("POST", file): self._post,
                ("DELETE", file): self._delete,
            }
        )

    def _bucket(self, call: Call, _: re.Match[str]) -> Reply:
        return Reply() if self.is_there else _no(404, "NoSuchBucket")

    def _get(self, call: Call, found: re.Match[str]) -> Reply:
        content = self.files.get(found[1])
        if content is None or not self.is_there:
            return _no(404, "NoSuchKey" if self.is_there else "NoSuchBucket")
        headers = {"ETag": _etag(content), "Last-Modified": _LONG_AGO, "Accept-Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("Range", ""))
        if asked is None:
            return Reply(200, content, "binary/octet-stream", headers)
        first, last = int(asked[1]), int(asked[2] or len(content) - 1)
        place = f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}"
        return Reply(206, content[first : last + 1], "binary/octet-stream", {**headers, "Content-Range": place})

    def _put(self, call: Call, found: re.Match[str]) -> Reply:
        if not self.is_there:
            return _no(404, "NoSuchBucket")
        told = call.headers.get("x-amz-content-sha256", _UNSIGNED)
        if told not in (_UNSIGNED, hashlib.sha256(call.body).hexdigest()):
            return _no(400, "XAmzContentSHA256Mismatch")
        asked = _asked(call)
        if "uploadId" in asked:
            self.uploads[asked["uploadId"]][int(asked["partNumber"])] = call.body
        else:
            self.files[found[1]] = call.body
        return Reply(headers={"ETag": _etag(call.body)})

    def _post(self, call: Call, found: re.Match[str]) -> Reply:
        asked = _asked(call)
        if "uploads" in asked:
            upload = f"upload-{len(self.calls)}"
            self.uploads[upload] = {}
            return _xml("InitiateMultipartUploadResult", Bucket=BUCKET, Key=found[1], UploadId=upload)
        parts = self.uploads.pop(asked["uploadId"])
        content = b"".join(parts[int(number)] for number in re.findall(rb"<PartNumber>(\d+)</PartNumber>", call.body))
        self.files[found[1]] = content
        return _xml("CompleteMultipartUploadResult", Bucket=BUCKET, Key=found[1], ETag=_etag(content))

    def _list(self, call: Call, _: re.Match[str]) -> Reply:
        """The names after a marker, in order, a thousand at most."""
        asked = _asked(call)
        after, prefix = asked.get("marker", ""), asked.get("prefix", "")
        names = sorted(name for name in self.files if name > after and name.startswith(prefix))
        found = "".join(
            _inner("Contents", Key=name, LastModified=self.written.get(name, "2026-08-01T06:00:00.000Z"), Size="1")
            for name in names[:_LISTED_AT_ONCE]
        )
        is_cut = str(len(names) > _LISTED_AT_ONCE).lower()
        return _xml_of("ListBucketResult", _inner("Name", BUCKET) + _inner("IsTruncated", is_cut) + found)

    def _delete_many(self, call: Call, _: re.Match[str]) -> Reply:
        """As servers that know the oldest checksum alone."""
        digest = base64.b64encode(hashlib.md5(call.body, usedforsecurity=False).digest()).decode()
        if call.headers.get("Content-MD5") != digest:
            return _no(400, "BadDigest" if "Content-MD5" in call.headers else "MissingContentMD5")
        names = re.findall(r"<Key>(.+?)</Key>", call.body.decode())
        if len(names) > _LISTED_AT_ONCE:
            return _no(400, "MalformedXML")
        for name in names:
            if name not in self.kept:
                self.files.pop(name, None)
        refused = [name for name in names if name in self.kept]
        errors = "".join(_inner("Error", Key=name, Code="AccessDenied", Message="no") for name in refused)
        return _xml_of("DeleteResult", errors)

    def _delete(self, call: Call, found: re.Match[str]) -> Reply:
        upload = _asked(call).get("uploadId")
        if upload:
            self.uploads.pop(upload, None)
        else:
            self.files.pop(found[1], None)
        return Reply(204)


def _asked(call: Call) -> dict[str, str]:
    query = parse_qs(urlsplit(call.path).query, keep_blank_values=True)
    return {name: values[0] for name, values in query.items()}


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _no(code: int, word: str) -> Reply:
    return Reply(code, _written("Error", Code=word, Message="no", RequestId="wire"), "application/xml")


def _xml(name: str, **fields: str) -> Reply:
    return Reply(200, _written(name, **fields), "application/xml")


def _xml_of(name: str, inside: str) -> Reply:
    return Reply(200, _document(_inner(name, inside)), "application/xml")


def _written(name: str, **fields: str) -> bytes:
    return _document(_inner(name, **fields))


def _inner(name: str, text: str = "", **fields: str) -> str:
    inside = "".join(f"<{field}>{value}</{field}>" for field, value in fields.items())
    return f"<{name}>{text}{inside}</{name}>"


def _document(inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{inside}'.encode()
