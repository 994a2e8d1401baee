from django.urls import path

from apps.billing import views

app_name = "billing"
urlpatterns = [
    path("app/credits", views.credits_page, name="credits"),
    path("app/credits.csv", views.credits_csv, name="credits_csv"),
]
