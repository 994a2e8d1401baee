#!/bin/sh
# The site in a container: its static files first, then the server in this process's place.
set -eu
python manage.py collectstatic --noinput --verbosity 0
exec gunicorn -c ops/gunicorn.conf.py canvascast.wsgi --worker-class gthread \
  --threads "${WEB_THREADS:-8}" --workers "${WEB_PROCESSES:-2}" --bind "0.0.0.0:8000"
