from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from apps.notifications.address_page import AddressPage
from canvascast.api.site import api

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("", include("canvascast.health.urls")),
    path("", include("canvascast.metrics.urls")),
    path("", include("canvascast.pages.urls")),
    path("", include("canvascast.site.urls")),
    path("accounts/email/", AddressPage.as_view(), name="account_email"),
    path("accounts/", include("apps.accounts.allauth_urls")),
    path("", include("apps.drafts.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.billing.urls")),
    path("", include("apps.notifications.urls")),
    path("", include("apps.pipeline.urls")),
]

handler400 = "canvascast.pages.refusals.unreadable"
handler429 = "apps.accounts.views.too_often.too_often"
handler500 = "canvascast.pages.refusals.broken"
