from django.urls import path

from apps.notifications import views

app_name = "notifications"
urlpatterns = [path("app/settings/notifications", views.preferences, name="preferences")]
