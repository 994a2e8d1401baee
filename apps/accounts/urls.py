from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("app/start", views.start, name="start"),
    path("app/settings/", views.settings_home, name="settings"),
]
