"""People who order small videos, as many as may be open at once and never more mails than one person gets."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import count
from random import Random

from allauth.account.models import EmailAddress
from django.db.models import Count, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline.actions import MOST_OPEN_VIDEOS
from apps.pipeline.models import Job
from apps.pipeline.states import OPEN
from tests.engine.conftest import start

CREDITS = 1000


class Crowd:
    """Users of one scenario; `order` takes the next who may order."""

    def __init__(self, size: int, random: Random) -> None:
        tag = uuid.uuid4().hex[:8]
        self.users = [_person(f"{tag}-{number}@example.com") for number in range(size)]
        self.random = random
        self._numbers = count(1)
        self._turns: Iterator[User] = iter(())

    def word(self, kind: str, shortest_ms: int, longest_ms: int) -> str:
        """Return a word that no other job has, so that nothing is reused."""
        return f"{kind}-{self.random.randint(shortest_ms, longest_ms)}-{next(self._numbers)}"

    def order(self, *words: str) -> Job:
        """Start a video of a user who has room for one."""
        user = next(self._turns, None)
        if user is None:
            self._turns = iter(self._with_room())
            user = next(self._turns)
        return start(user, " ".join(words))

    def jobs(self) -> list[Job]:
        return list(Job.objects.filter(user__in=self.users))

    def open_jobs(self) -> int:
        return Job.objects.filter(user__in=self.users, state__in=OPEN).count()

    def room(self) -> int:
        return len(self._with_room())

    def _with_room(self) -> list[User]:
        mine = User.objects.filter(pk__in=[user.pk for user in self.users])
        busy = mine.annotate(open=Count("jobs", filter=Q(jobs__state__in=OPEN)), all=Count("jobs"))
        # Those with the fewest first: nobody gets more than a few mails in an hour.
        return list(busy.filter(open__lt=MOST_OPEN_VIDEOS).order_by("all"))


def _person(email: str) -> User:
    user = User.objects.create_user(email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    ledger.grant(user_id=user.pk, credits=CREDITS, source=Source.GIFT, reason="", key=email, at=timezone.now())
    return user
