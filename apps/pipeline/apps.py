from django.apps import AppConfig
from django.conf import settings


class PipelineConfig(AppConfig):
    name = "apps.pipeline"
    label = "pipeline"

    def ready(self) -> None:
        from apps.pipeline.providers import registry

        registry.use_accounts(settings.PROVIDER_ACCOUNTS)
