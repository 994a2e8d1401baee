"""Who acts in the flows and what stands around the product: a folder, Stripe, a vendor of voices, a user's program."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.kept_mail import KeptMail, mails_in
from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from canvascast.settings.storage import storages
from tests.chaos.failpoints.stage import Memory
from tests.notifications.test_mail_news import SECRET as RESEND_SECRET
from tests.notifications.webhooks.receiver import Program, program
from tests.payments.shop import Shop
from tests.wire import server as wire
from tests.wire.accounts import speaking
from tests.wire.elevenlabs import ElevenLabsServer
from tests.wire.openai_text import openai_text
from tests.wire.server import WireServer

_HASH_LETTERS = 64
_addresses = itertools.count(1)


@dataclass(frozen=True)
class World:
    """What the flows share. `folder` holds all that the product writes; `judge` moderates where a flow wants it to."""

    folder: Path
    shop: Shop
    hook: Program
    vendor: ElevenLabsServer
    judge: WireServer

    @property
    def mailbox(self) -> Path:
        return self.folder / "mail"

    def mails_to(self, address: str) -> list[KeptMail]:
        return [mail for mail in mails_in(self.mailbox) if address in mail.recipients]


@pytest.fixture
def world(settings: Any, tmp_path: Path, shop: Shop) -> Iterator[World]:  # Any: pytest-django's settings
    """Everything of the product in a folder of this test, with small steps and the vendors on loopback."""
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    settings.VAR_DIR = tmp_path
    settings.SCRATCH_DIR, settings.CACHE_DIR = tmp_path / "scratch", tmp_path / "cache"
    settings.STORAGES = {**storages(tmp_path), "staticfiles": settings.STORAGES["staticfiles"]}
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.WEBHOOKS_MAY_BE_LOCAL = True
    settings.ANYMAIL = {"RESEND_SIGNING_SECRET": RESEND_SECRET}
    with (
        program() as hook,
        wire.serving(ElevenLabsServer()) as vendor,
        wire.serving(openai_text()[0]) as judge,
        speaking(settings, elevenlabs=vendor),
    ):
        # What a page loads once is loaded before the children are made.
        Client().get("/")
        yield World(tmp_path, shop, hook, vendor, judge)


def half_files(world: World) -> list[str]:
    """Return the files in the store whose content is not what their name says."""
    stored = (world.folder / "storage" / "generated-assets").glob("*/*/*.*")
    return [
        str(path)
        for path in stored
        if len(path.stem) == _HASH_LETTERS and hashlib.sha256(path.read_bytes()).hexdigest() != path.stem
    ]


def arrive(memory: Memory) -> None:
    """Somebody with ten credits, a browser that is logged in, and a program with a key."""
    be_somebody(memory)
    user = User.objects.create_user(memory["email"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    ledger.grant(user_id=user.pk, credits=10, source=Source.GIFT, reason="", key=str(user.pk), at=timezone.now())
    _, secret = create_key(user=user, name="program", at=timezone.now())
    client = Client()
    client.force_login(user)
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    memory |= {"user": str(user.pk), "secret": secret, "key": str(uuid4()), "cookies": cookies}


def be_somebody(memory: Memory) -> None:
    """A mailbox, and an address on the net that nobody else has."""
    number = next(_addresses)
    memory |= {"email": f"{uuid4().hex[:12]}@example.com", "address": f"10.1.{number // 250}.{number % 250 + 1}"}


def user_of(memory: Memory) -> User:
    return User.objects.get(pk=memory["user"])


def client_of(memory: Memory) -> Client:
    return Client(headers={"Authorization": f"Bearer {memory['secret']}"})


def browser(memory: Memory) -> Client:
    """The user's browser with the cookies of its last answer, each story from an address of its own."""
    client = Client(REMOTE_ADDR=memory["address"])
    for name, value in memory.get("cookies", {}).items():
        client.cookies[name] = value
    return client


def keep_cookies(memory: Memory, client: Client) -> None:
    memory["cookies"] = {name: cookie.value for name, cookie in client.cookies.items()}


def asked(memory: Memory, method: str, path: str, *expected: int, body: Any = None, **headers: str) -> Any:
    """Ask the API as a program and return its answer. `expected` are the answers that a repeat may get too."""
    call: Callable[..., Any] = getattr(client_of(memory), method)
    answer = call(f"/api/v1{path}", body, "application/json", headers=headers)
    assert answer.status_code in expected, (answer.status_code, answer.content[:300])
    return answer.json() if answer.content else None


def user_id(memory: Memory) -> UUID:
    return UUID(memory["user"])
