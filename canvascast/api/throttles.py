"""How often the API may be called, a price counted or a shared video opened: Ninja's throttles, exact under load.

Ninja's own keep the request they look at on the throttle itself, which all threads share, and read, decide and write
without a lock. Here each thread has its own throttle, and a lock is held from the reading to the writing.
"""

from __future__ import annotations

import hashlib
import threading

from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.http import HttpRequest
from ninja.throttling import SimpleRateThrottle

from apps.accounts.models import User
from canvascast.advisory_locks import until_commit
from canvascast.http import client_address

_SAFE = ("GET", "HEAD", "OPTIONS")
# Reads are counted in each web process: a poll costs no write in the database.
_reads = LocMemCache("api-reads", {"OPTIONS": {"MAX_ENTRIES": 50_000}})
_reads_lock = threading.Lock()
_REFUSED = "canvascast.throttled"


def forget_reads() -> None:
    """Start counting reads anew."""
    _reads.clear()


class _Throttle(threading.local, SimpleRateThrottle):
    """Rates are read from API_RATES at each request; `scope` names the one that counts."""

    scope: str

    def __init__(self) -> None:
        super().__init__("1/s")

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Return whom this request counts against, None when it does not count here."""
        ident = self.ident(request)
        return None if ident is None else self.cache_format % {"scope": self.scope, "ident": ident}

    def ident(self, request: HttpRequest) -> str | None:
        """Return the user, and for a visitor the address."""
        asking = getattr(request, "auth", None)
        return str(asking.pk) if isinstance(asking, User) else client_address(request)

    def _is_allowed(self, request: HttpRequest) -> bool:
        self.num_requests, self.duration = self.parse_rate(settings.API_RATES[self.scope])
        is_allowed = bool(super().allow_request(request))
        if not is_allowed:
            request.META[_REFUSED] = True
        return is_allowed


class Reads(_Throttle):
    """Requests that change nothing, per user or address and web process."""

    scope = "read"
    cache = _reads

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request; False when it is one too many."""
        if request.method not in _SAFE or _is_refused(request):
            return True
        with _reads_lock:
            return self._is_allowed(request)


class Counts(_Throttle):
    """Requests that only count a price, per address and web process, whatever their method."""

    scope = "count"
    cache = _reads

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request; False when it is one too many."""
        with _reads_lock:
            return self._is_allowed(request)


class Shared(Counts):
    """Pages of shared videos, which anybody may open, per address and web process."""

    scope = "shared"


class SharedFiles(Counts):
    """Their files: a film is asked for in pieces."""

    scope = "shared_file"


class Writes(_Throttle):
    """Requests that change something, per user or address, exact over all web processes."""

    scope = "write"

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request; False when it is one too many."""
        key = self.get_cache_key(request)
        if request.method in _SAFE or key is None or _is_refused(request):
            return True
        with transaction.atomic():
            until_commit(key)
            return self._is_allowed(request)


class ReadsOfKey(Reads):
    """The same per API key, so that one program cannot use up what its owner's others need."""

    scope = "read_key"

    def ident(self, request: HttpRequest) -> str | None:
        """Return the key's hash."""
        return _key_hash(request)


class WritesOfKey(Writes):
    """The same per API key."""

    scope = "write_key"

    def ident(self, request: HttpRequest) -> str | None:
        """Return the key's hash."""
        return _key_hash(request)


def _is_refused(request: HttpRequest) -> bool:
    """Ninja asks every throttle, but what one has refused must not use up what another counts."""
    return _REFUSED in request.META


def _key_hash(request: HttpRequest) -> str | None:
    """Hash the key alone: "Bearer" may be spelled in many ways."""
    key = request.headers.get("Authorization", "").partition(" ")[2]
    return hashlib.sha256(key.encode()).hexdigest() if key else None
