"""`make check`: all that can be judged without running the product, a line each; exit 1 if anything is wrong."""

from __future__ import annotations

import os
import string
import subprocess
import sys
from pathlib import Path

from canvascast import lock_files

BIN = Path(sys.executable).parent
PYTHON_PATHS = ("apps", "canvascast", "tests", "bench", "ops", "manage.py")
DEPLOY_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "canvascast.settings.production",
    "SECRET_KEY": string.ascii_letters,
    "MAILBOX_HMAC_KEY": string.ascii_lowercase,
    "ALLOWED_HOSTS": "example.com",
    "SITE_URL": "https://example.com",
    "DATABASE_URL": "postgresql:///canvascast",
    "RESEND_API_KEY": "re_example",  # pragma: allowlist secret
    "MAIL_FROM": "CanvasCast <hello@example.com>",
}
CHECKS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("format", [str(BIN / "ruff"), "format", "--check", *PYTHON_PATHS], {}),
    ("lint", [str(BIN / "ruff"), "check", *PYTHON_PATHS], {}),
    ("types", [str(BIN / "mypy")], {}),
    ("imports", [str(BIN / "lint-imports")], {}),
    ("templates", [str(BIN / "djlint"), "templates", "--check", "--lint", "--quiet"], {}),
    ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
    ("expansion", [sys.executable, "-m", "canvascast.expansion"], {}),
    ("deploy", [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], DEPLOY_ENVIRONMENT),
)


def main() -> int:
    """Run every check; return the number that failed, at most 1."""
    failed = [name for name, command, environment in CHECKS if not _passes(name, command, environment)]
    failed += [name for name, is_found in (("locks", _locks), ("secrets", _secrets)) if is_found()]
    print(f"check: {', '.join(failed)} failed" if failed else "check: all passed")  # noqa: T201 - a command's output
    return 1 if failed else 0


def _passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    result = subprocess.run(  # noqa: S603 - the commands above
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    print(f"  {name}: {'ok' if result.returncode == 0 else 'FAILED'}", flush=True)  # noqa: T201 - a command's output
    if result.returncode:
        print(result.stdout[-6000:] + result.stderr[-3000:])  # noqa: T201 - a command's output
    return result.returncode == 0


def _locks() -> bool:
    found = lock_files.differences()
    print(f"  locks: {'FAILED' if found else 'ok'}", *found, sep="\n    " if found else "")  # noqa: T201 - output
    return bool(found)


def _secrets() -> bool:
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import default_settings

    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=False)  # noqa: S607 - from PATH
    found = SecretsCollection()
    with default_settings():
        for name in listed.stdout.splitlines():
            # Lock files are hashes, which look like keys.
            if not name.startswith("requirements") and Path(name).suffix in {
                ".py",
                ".env",
                ".example",
                ".md",
                ".toml",
                ".html",
                ".yml",
                ".txt",
            }:
                found.scan_file(name)
    # A sentence about passwords is not one: keys and secrets have no spaces.
    places = [f"{one.filename}:{one.line_number} {one.type}" for _, one in found if " " not in (one.secret_value or "")]
    print(f"  secrets: {'FAILED' if places else 'ok'}", *places, sep="\n    " if places else "")  # noqa: T201 - output
    return bool(places)


if __name__ == "__main__":
    sys.exit(main())
