from django.urls import path

from apps.billing import pricing_views, shop_views, views, webhook

app_name = "billing"
urlpatterns = [
    path("pricing", pricing_views.pricing, name="pricing"),
    path("app/credits", views.credits_page, name="credits"),
    path("app/credits.csv", views.credits_csv, name="credits_csv"),
    path("app/credits/buy", shop_views.buy, name="buy"),
    path("app/credits/plan", shop_views.manage_plan, name="manage_plan"),
    path("app/credits/arrived/<uuid:checkout_id>", shop_views.arrived, name="arrived"),
    path("api/webhooks/stripe", webhook.stripe_webhook, name="stripe_webhook"),
]
