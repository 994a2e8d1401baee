"""allauth's pages; what is ours instead, and those about other services, which are wrapped, come first."""

from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from django.urls import include, path

from apps.accounts.views import sessions
from apps.accounts.views.other_services import or_say_it_is_away, while_offered

urlpatterns = [
    path("sessions/", sessions.sessions),
    path("3rdparty/", while_offered(social.connections)),
    path("3rdparty/signup/", while_offered(social.signup)),
    path("3rdparty/login/cancelled/", while_offered(social.login_cancelled)),
    path("3rdparty/login/error/", while_offered(social.login_error)),
    path("oidc/<str:provider_id>/login/", or_say_it_is_away(openid.login)),
    path("", include("allauth.urls")),
]
