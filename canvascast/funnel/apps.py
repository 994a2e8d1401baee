from django.apps import AppConfig


class FunnelConfig(AppConfig):
    name = "canvascast.funnel"
    label = "funnel"
