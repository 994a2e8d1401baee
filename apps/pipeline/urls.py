from django.urls import path

from apps.pipeline import media_views, views

app_name = "pipeline"
urlpatterns = [
    path("", views.videos, name="videos"),
    path("assets/<uuid:asset_id>", media_views.asset, name="asset"),
    path("download/<str:token>", media_views.download, name="download"),
]
