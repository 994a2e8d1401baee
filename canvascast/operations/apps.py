from django.apps import AppConfig
from django.conf import settings

from canvascast import error_tracker


class OperationsConfig(AppConfig):
    name = "canvascast.operations"
    label = "operations"

    def ready(self) -> None:
        from django_q import conf

        from canvascast.operations.faults import FailedTasks, is_expected

        error_tracker.start(
            dsn=settings.SENTRY_DSN,
            environment=settings.SENTRY_ENVIRONMENT,
            release=settings.SENTRY_RELEASE,
            is_expected=is_expected,
        )
        # Its own way to name one is the entry point of an installed package.
        conf.error_reporter = FailedTasks()
