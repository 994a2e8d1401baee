from django.urls import path

from apps.drafts import preset_views, views

app_name = "drafts"
urlpatterns = [
    path("", views.home, name="home"),
    path("quote", views.quote, name="quote"),
    path("examples", preset_views.examples, name="examples"),
    path("presets/<slug:slug>", preset_views.preset, name="preset"),
]
