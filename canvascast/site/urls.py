from django.urls import path

from canvascast.site.offline import service_worker
from canvascast.site.theme import choose_theme

app_name = "site"
urlpatterns = [
    path("theme", choose_theme, name="theme"),
    path("sw.js", service_worker, name="service_worker"),
]
