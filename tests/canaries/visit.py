"""Run as a program under the canaries' environment: asks every address as everybody and writes down all answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django
from django.test import Client

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402 - after the set-up
from django.conf import settings  # noqa: E402 - after the set-up

from apps.accounts.models import User  # noqa: E402 - after the set-up
from tests.access.world import BODIES, World, build_world, patterns  # noqa: E402 - after the set-up


def visit(world: World, folder: Path) -> int:
    """Ask everything by GET as everybody and by POST as all but the owner; return how many answers there were.

    Posted are ends of sessions and of accounts too, so a person who is signed out is signed in again.
    """
    number = 0
    stranger = User.objects.get(email="stranger@example.com")
    asked = [("get", actor) for actor in ("anonymous", "owner", "staff", "api_key")]
    asked += [("post", actor) for actor in ("anonymous", "stranger")]
    with (folder / "answers.txt").open("w", errors="replace") as answers:
        for method, actor in asked:
            client = world.clients[actor]
            client.raise_request_exception = False
            for pattern in patterns():
                if actor == "api_key" and not pattern.startswith("api/"):
                    continue
                number += 1
                if actor == "stranger" and not client.session.get("_auth_user_id"):
                    client.force_login(stranger)
                answers.write(_asked(client, method, actor, world.address(pattern), pattern))
    return number


def _asked(client: Client, method: str, actor: str, address: str, pattern: str) -> str:
    body = json.dumps(BODIES.get(pattern, {})) if address.startswith("/api/") else ""
    more = {"data": body, "content_type": "application/json"} if method == "post" else {}
    answer = getattr(client, method)(address, headers={"Origin": settings.SITE_URL}, secure=True, **more)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = f"{method} {address} {actor} {answer.status_code} {dict(answer.headers)}\n"
    return head + content.decode("utf-8", "replace") + "\n"


def main(folder: Path) -> None:
    world = build_world()
    owner = User.objects.get(email="owner@example.com")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    anonymous = world.clients["anonymous"]
    code = anonymous.post("/accounts/login/code/", {"email": "owner@example.com"}, secure=True)
    order = BODIES["api/v1/projects"] | {"targetMinutes": 1, "nichePreset": "science"}
    started = world.clients["api_key"].post("/api/v1/projects", order, content_type="application/json", secure=True)
    said = {"code": code.status_code, "job": started.json(), "answers": visit(world, folder)}
    (folder / "visit.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
