from django.urls import path

from apps.billing import pricing_views, views

app_name = "billing"
urlpatterns = [
    path("pricing", pricing_views.pricing, name="pricing"),
    path("app/credits", views.credits_page, name="credits"),
    path("app/credits.csv", views.credits_csv, name="credits_csv"),
]
