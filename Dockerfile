# syntax=docker/dockerfile:1
# One image for the site, the workers and every command; `compose.yaml` has how they are run.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/canvascast
RUN python -m venv .venv
COPY requirements-build.txt requirements-base.txt ./
RUN .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-build.txt \
    && .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-build-isolation \
    -r requirements-base.txt
COPY . .
# Which version it is, where the folder that it is built from is a git checkout; else --build-arg COMMIT=….
ARG COMMIT=
RUN COMMIT="${COMMIT:-$(.venv/bin/python -m canvascast.version)}" && echo "$COMMIT" > COMMIT && rm -rf .git \
    && .venv/bin/python -m apps.pipeline.render.build_kernel \
    && .venv/bin/python -m canvascast.site.fonts \
    && .venv/bin/python -m compileall -q apps canvascast
# Pages need their files and no secret; these values leave with this line.
RUN DJANGO_SETTINGS_MODULE=canvascast.settings.production SECRET_KEY=x MAILBOX_HMAC_KEY=x ALLOWED_HOSTS=x \
    SITE_URL=https://x.example DATABASE_URL=postgresql:///x RESEND_API_KEY=x MAIL_FROM=x@example.com \
    CANVASCAST_VAR=/opt/canvascast/collected \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim-bookworm
# Reaps what is orphaned and hands signals on; scripts that need shaping want the font and the library.
RUN apt-get update && apt-get install -y --no-install-recommends tini libfribidi0 fonts-noto-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/canvascast --create-home canvascast \
    && install -d -m 0700 -o canvascast -g canvascast /var/backups/canvascast
COPY --from=build /opt/canvascast /opt/canvascast
WORKDIR /opt/canvascast
ENV PATH=/opt/canvascast/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=canvascast.settings.production \
    CANVASCAST_VAR=/var/lib/canvascast
USER canvascast
VOLUME /var/lib/canvascast
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["sh", "ops/web.sh"]
# Of the web processes, which need no worker to answer; workers have their own in compose.yaml.
HEALTHCHECK --interval=15s --timeout=8s --start-period=60s --retries=3 CMD ["python", "ops/ask_site.py", "/health"]
