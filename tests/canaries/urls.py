from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from canvascast import env
from canvascast import urls as site

handler429, handler500 = site.handler429, site.handler500


class Told(Exception):
    """Its text and its cause repeat what was secret."""


def breaks(request: HttpRequest) -> HttpResponse:
    secrets = " ".join(env.value(name, "") for name in env.SECRETS)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM nowhere WHERE word = %s", [secrets])
    except Exception as error:
        raise Told(f"{secrets}: {secrets!r}") from error
    return HttpResponse()


urlpatterns = [path("breaks", breaks), path("api/breaks", breaks), *site.urlpatterns]
