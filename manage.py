#!/usr/bin/env python
"""Start a command; in development without DATABASE_URL, run the embedded PostgreSQL around it."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvascast.settings.dev")
    try:
        from canvascast.embedded.launch import launch
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed. Run `make install` and use .venv/bin/python manage.py.")
    launch(sys.argv)


if __name__ == "__main__":
    main()
