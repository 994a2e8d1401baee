#!/bin/sh
# The site in a container: the image's static files first, then the server in this process's place.
set -eu
mkdir -p "$CANVASCAST_VAR/static"
cp -R collected/static/. "$CANVASCAST_VAR/static/"
exec gunicorn -c ops/gunicorn.conf.py canvascast.wsgi --worker-class gthread \
  --threads "${WEB_THREADS:-8}" --workers "${WEB_PROCESSES:-2}" --bind "0.0.0.0:8000"
