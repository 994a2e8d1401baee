from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "canvascast.operations"
    label = "operations"
