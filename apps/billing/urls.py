from django.urls import path

from apps.billing import pricing_views, views

app_name = "billing"
urlpatterns = [
    path("app/credits", views.credits_page, name="credits"),
    path("pricing", pricing_views.pricing, name="pricing"),
]
