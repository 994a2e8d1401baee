"""Links to films through a CDN: signed so that CloudFront takes them, for the film alone, and short."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.exceptions import ImproperlyConfigured

from canvascast.object_storage import BucketStorage
from canvascast.settings import storage as storage_settings
from tests.media.conftest import ENVIRONMENT

DOMAIN, KEY_ID = "films.example.net", "K2JCJMDEHXQW5F"
ANSWER = {
    "ResponseContentType": "video/mp4",
    "ResponseContentDisposition": "inline; filename=\"film.mp4\"; filename*=UTF-8''f%C3%AFlm.mp4",
}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, key: rsa.RSAPrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    given = {"MEDIA_CDN_DOMAIN": DOMAIN, "MEDIA_CDN_KEY_ID": KEY_ID, "MEDIA_CDN_PRIVATE_KEY": pem}
    for name, value in (ENVIRONMENT | given).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("environment")
def test_link_is_for_the_film_alone_and_for_fifteen_minutes(key, tmp_path):
    link = storage(tmp_path, "generated-assets").url("user/film.mp4", parameters=ANSWER, expire=900)

    parts = urlsplit(link)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc, parts.path) == ("https", DOMAIN, "/generated-assets/user/film.mp4")
    assert asked["response-content-type"] == "video/mp4"
    assert asked["response-content-disposition"] == ANSWER["ResponseContentDisposition"]
    assert asked["Key-Pair-Id"] == KEY_ID
    assert 890 < int(asked["Expires"]) - time.time() <= 900
    policy = policy_of(link)
    verify(key, policy, asked["Signature"])
    with pytest.raises(InvalidSignature):
        verify(key, policy.replace(b"film.mp4?", b"other.mp4?"), asked["Signature"])


@pytest.mark.usefixtures("environment")
def test_only_what_was_made_goes_through_it_and_pages_may_play_both(tmp_path):
    sample = storage(tmp_path, "voice-samples").url("a.wav")
    parts = urlsplit(sample)

    assert storage(tmp_path, "generated-assets").custom_domain == DOMAIN
    assert "X-Amz-Signature" in sample
    assert storage_settings.media_origins() == (f"https://{DOMAIN}", f"{parts.scheme}://{parts.netloc}")


@pytest.mark.goal("S14")
def test_password_in_the_buckets_address_is_in_no_link_and_no_policy(monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("S3_ENDPOINT_URL", "https://gateway:s3cr3t@files.example.net:9000")  # pragma: allowlist secret

    link = storage(tmp_path, "voice-samples").url("a.wav")

    assert urlsplit(link).netloc == "files.example.net:9000"
    assert storage_settings.media_origins() == ("https://files.example.net:9000",)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", ["MEDIA_CDN_KEY_ID", "MEDIA_CDN_PRIVATE_KEY"])
def test_domain_without_its_keys_is_an_error_at_start(name, monkeypatch, tmp_path):
    monkeypatch.setenv(name, "")

    with pytest.raises(ImproperlyConfigured, match=name):
        storage_settings.storages(tmp_path)


def storage(folder, name: str) -> BucketStorage:
    return BucketStorage(**storage_settings.storages(folder)[name]["OPTIONS"])


def policy_of(link: str) -> bytes:
    """What CloudFront makes of a link with an expiry: its own canned policy, without spaces."""
    address = link.partition("&Expires=")[0]
    expires = int(parse_qs(urlsplit(link).query)["Expires"][0])
    statement = {"Resource": address, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def verify(key: rsa.RSAPrivateKey, policy: bytes, signature: str) -> None:
    plain = base64.b64decode(signature.translate(str.maketrans("-_~", "+=/")))
    key.public_key().verify(plain, policy, padding.PKCS1v15(), hashes.SHA1())
