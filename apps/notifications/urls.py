from django.urls import path

from apps.notifications import mail_news
from apps.notifications import views as mail_views
from apps.notifications.webhooks import views

app_name = "notifications"
urlpatterns = [
    path("app/settings/notifications", mail_views.preferences, name="preferences"),
    path("app/settings/notifications/confirm", mail_views.confirm_mailbox, name="confirm_mailbox"),
    path("mail/off/<str:switch_token>", mail_views.turn_off, name="turn_off"),
    path("api/webhooks/email", mail_news.news, name="mail_news"),
    path("app/developers/webhooks", views.webhooks, name="webhooks"),
    path("app/developers/webhooks/new", views.new_webhook, name="new_webhook"),
    path("app/developers/webhooks/<uuid:webhook_id>", views.webhook, name="webhook"),
    path("app/developers/webhooks/<uuid:webhook_id>/switch", views.switch_webhook, name="switch_webhook"),
    path("app/developers/webhooks/<uuid:webhook_id>/secret", views.rotate_secret, name="rotate_webhook_secret"),
    path("app/developers/webhooks/<uuid:webhook_id>/test", views.test_webhook, name="test_webhook"),
    path("app/developers/webhooks/<uuid:webhook_id>/delete", views.delete_webhook, name="delete_webhook"),
    path(
        "app/developers/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/again",
        views.send_again,
        name="send_webhook_again",
    ),
]
