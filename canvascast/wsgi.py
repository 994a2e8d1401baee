"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvascast.settings.production")
application = get_wsgi_application()

from canvascast.idle_transactions import end_idle_transactions  # noqa: E402 - knows the database by the settings

# As long as the server itself waits for an answer.
end_idle_transactions(after_seconds=30)
