from django.urls import path

from apps.accounts.views import confirm, developers, entrance, keys, mailbox, personal_data, profile, sessions

app_name = "accounts"
urlpatterns = [
    path("app/start", entrance.start, name="start"),
    path("app/welcome", entrance.welcome, name="welcome"),
    path("app/settings/", profile.settings_home, name="settings"),
    path("app/settings/profile", profile.profile, name="profile"),
    path("app/settings/avatar", profile.avatar, name="avatar"),
    path("app/settings/confirm", confirm.confirm, name="confirm"),
    path("app/settings/keys", keys.keys, name="keys"),
    path("app/settings/keys/new", keys.new_key, name="new_key"),
    path("app/settings/keys/<uuid:key_id>/end", keys.end_key, name="end_key"),
    path("app/settings/sessions/<int:session_id>/end", sessions.end_one, name="end_session"),
    path("app/developers", developers.developers, name="developers"),
    path("app/settings/exports", personal_data.exports, name="exports"),
    path("app/settings/exports/new", personal_data.new_export, name="new_export"),
    path("app/settings/exports/<uuid:export_id>", personal_data.download_export, name="download_export"),
    path("app/settings/delete", personal_data.delete_account, name="delete"),
    path("goodbye", personal_data.deleted, name="deleted"),
    path("dev/mailbox", mailbox.mailbox, name="mailbox"),
    path("dev/mailbox/<str:mail_key>", mailbox.mail_as_html, name="mail_as_html"),
]
