"""Ask this machine's site for /health or /ready; exit 1 and say what is wrong. For health checks: ask_site.py PATH."""

from __future__ import annotations

import http.client
import json
import os
import sys

_SECONDS = 7


def main(path: str) -> int:
    """Return 0 when `path` answers 200, else 1."""
    # The site answers to its own names alone.
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0].strip().removeprefix(".")
    site = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=_SECONDS)
    try:
        site.request("GET", path, headers={"Host": host})
        answer = site.getresponse()
        told = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.stderr.write(f"no answer: {error}\n")
        return 1
    failed = [name for name, ok in told.get("checks", {}).items() if not ok]
    sys.stderr.write(f"not ready: {', '.join(failed)}\n" if failed else "")
    return 0 if answer.status == http.HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
