from django.urls import path

from apps.billing import views

app_name = "billing"
urlpatterns = [path("app/credits", views.credits_page, name="credits")]
