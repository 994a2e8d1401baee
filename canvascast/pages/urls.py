from django.urls import path

from canvascast.pages import views

app_name = "pages"
urlpatterns = [
    path("help", views.help_page, name="help"),
    path("terms", views.terms, name="terms"),
    path("privacy", views.privacy, name="privacy"),
    path("status", views.status, name="status"),
    path("offline", views.offline, name="offline"),
]
