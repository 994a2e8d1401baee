from django.urls import path

from apps.pipeline import views

app_name = "pipeline"
urlpatterns = [
    path("", views.videos, name="videos"),
    path("assets/<uuid:asset_id>", views.asset, name="asset"),
]
