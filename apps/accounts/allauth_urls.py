"""allauth's pages; what is ours instead, or wrapped, comes first, under allauth's name where limits go by it.

What opens another way in wants a fresh code; changing the address does too (`notifications/address_page.py`).
"""

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as authenticator_app
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from django.urls import include, path

from apps.accounts.views import sessions
from apps.accounts.views.log_in import LogInPage
from apps.accounts.views.other_services import fresh_to_connect, or_say_it_is_away, while_offered
from apps.accounts.views.visitor import fresh_page

urlpatterns = [
    path("login/", LogInPage.as_view(), name="account_login"),
    path("password/set/", fresh_page(account.password_set), name="account_set_password"),
    path("2fa/totp/activate/", fresh_page(authenticator_app.activate_totp)),
    path("2fa/webauthn/add/", fresh_page(passkeys.add_webauthn)),
    path("2fa/recovery-codes/generate/", fresh_page(recovery_codes.generate_recovery_codes)),
    path("sessions/", sessions.sessions),
    path("3rdparty/", while_offered(social.connections)),
    path("3rdparty/signup/", while_offered(social.signup)),
    path("3rdparty/login/cancelled/", while_offered(social.login_cancelled)),
    path("3rdparty/login/error/", while_offered(social.login_error)),
    path("oidc/<str:provider_id>/login/", while_offered(fresh_to_connect(or_say_it_is_away(openid.login)))),
    path("", include("allauth.urls")),
]
