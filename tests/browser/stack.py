"""The whole product as `make run` starts it, site and worker, on a port of its own."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.accounts.kept_mail import mails_in
from tests.stripe_wire.server import StripeServer, serving_stripe
from tests.workers import free_port, wait_until
from tests.workplace import Workplace, opened_workplace

_START_SECONDS = 60.0


@dataclass(frozen=True)
class Stack:
    url: str
    place: Workplace
    stripe: StripeServer

    def code_for(self, address: str) -> str:
        """Return the code of the newest mail to that address; waits for it."""

        def newest() -> str:
            mails = mails_in(self.place.var / "mailbox")
            return next((mail.code for mail in mails if address in mail.recipients and mail.code), "")

        wait_until(lambda: newest() != "", seconds=15, what=f"a code for {address}")
        return newest()


@contextlib.contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Run it until the block ends, selling credits through the local Stripe server; its log is `folder`/stack.log."""
    port = free_port()
    with (
        serving_stripe() as stripe,
        opened_workplace(folder) as place,
        (folder / "stack.log").open("w") as log,
    ):
        place.environment.update(
            SITE_URL=f"http://127.0.0.1:{port}",
            STRIPE_SECRET_KEY=stripe.key,
            STRIPE_WEBHOOK_SECRET=stripe.webhook_secret,
            STRIPE_API_HOST=stripe.url,
        )
        stripe.send_webhooks(f"http://127.0.0.1:{port}/api/webhooks/stripe")
        command = place.start("run", "--port", str(port), output=log.fileno())
        try:
            stack = Stack(f"http://127.0.0.1:{port}", place, stripe)
            _wait_for(stack, command)
            yield stack
        finally:
            _stop(command)


def _wait_for(stack: Stack, command: subprocess.Popen[str]) -> None:
    def is_up() -> bool:
        assert command.poll() is None, (stack.place.folder / "stack.log").read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{stack.url}/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
            return False

    wait_until(is_up, seconds=_START_SECONDS, what="the site and its worker")


def _stop(command: subprocess.Popen[str]) -> None:
    command.send_signal(signal.SIGTERM)
    try:
        command.wait(30)
    except subprocess.TimeoutExpired:
        command.kill()
        command.wait()
