from django.contrib import admin
from django.urls import include, path

from canvascast.api.site import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("", include("canvascast.health.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.pipeline.urls")),
]
