"""An error tracker (Sentry's format) is told what is our fault: what failed, where, in which trace, and no user's word.

Whatever is logged as an error with its exception arrives there, from the site, the workers and commands alike; so does
what ends a command. An event is built from a list of what may leave: no request, no arguments of a command, no local
variables, no breadcrumbs, and no exception's own words: in them databases and vendors repeat what a customer wrote. The
words are in the log, under the same trace id.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_KEPT = (
    *("event_id", "timestamp", "platform", "level", "release", "environment", "server_name", "sdk"),
    *("exception", "tags", "user", "contexts"),
)
_KEPT_OF_AN_EXCEPTION = ("type", "module", "stacktrace")
_KEPT_CONTEXTS = ("trace",)
_WORDS = "(its words are in the log)"
_TAGS = ("event", "service", "request", "traceId", "requestTraceId", "spanId", "step", "part", "error_code", "queue")

_started = False


def start(*, dsn: str, environment: str, release: str, is_expected: Callable[[BaseException], bool]) -> None:
    """Send bugs to `dsn` from now on, but nothing that `is_expected`. Raises BadDsn.

    With an empty address nothing is loaded.
    """
    global _started
    if not dsn:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release or None,
        # The client's own default is to send nothing that identifies a person; `_scrubbed` does not rely on it.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[ExcepthookIntegration(), AtexitIntegration(callback=_say_nothing), DedupeIntegration()],
        before_send=partial(_scrubbed, is_expected),
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        enable_metrics=False,
    )
    _started = True


def stop() -> None:
    """Send what waits, for two seconds at most, and tell nothing any more."""
    global _started
    if _started:
        import sentry_sdk

        sentry_sdk.get_client().close()
        _started = False


def tell(line: Mapping[str, Any]) -> None:  # Any: what a log line holds
    """Tell of the exception that a log line is about, under the ids that the line has."""
    if not _started:
        return
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        for name in _TAGS:
            if line.get(name):
                scope.set_tag(name, str(line[name]))
        if line.get("userId"):
            scope.set_user({"id": str(line["userId"])})
        sentry_sdk.capture_exception(_exception_of(line["exc_info"]))


def _exception_of(exc_info: Any) -> BaseException | None:  # Any: each form that logging takes
    if isinstance(exc_info, BaseException):
        return exc_info
    found: BaseException | None = (exc_info if isinstance(exc_info, tuple) else sys.exc_info())[1]
    return found


def _scrubbed(is_expected: Callable[[BaseException], bool], event: Event, hint: Hint) -> Event | None:
    error = hint.get("exc_info", (None, None, None))[1]
    if error is None or is_expected(error):
        return None
    kept: dict[str, Any] = {name: event[name] for name in _KEPT if name in event}  # type: ignore[literal-required]  # Any: JSON
    kept["exception"] = {"values": [_exception(one) for one in event["exception"]["values"]]}
    kept["contexts"] = {name: value for name, value in event.get("contexts", {}).items() if name in _KEPT_CONTEXTS}
    return kept  # type: ignore[return-value]  # a part of the event


def _exception(found: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON of Sentry's protocol
    kept = {name: found[name] for name in _KEPT_OF_AN_EXCEPTION if name in found}
    return {**kept, "value": _WORDS}


def _say_nothing(pending: int, timeout: float) -> None:
    """The client would write to the terminal that it still sends."""
