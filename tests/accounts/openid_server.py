"""A small OpenID provider on loopback: discovery, token with a signed id_token, userinfo."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OpenIdServer(ThreadingHTTPServer):
    """Knows one client ("client", "secret") and one person, `claims`. `fault` answers 500 on that path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.claims: dict[str, object] = {}
        self.fault = ""
        self.audience = "client"
        self.asked: list[str] = []

    def id_token(self) -> str:
        now = int(time.time())
        body = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + 60, **self.claims}
        return jwt.encode(body, _KEY, algorithm="RS256", headers={"kid": "one"})


class _Answers(BaseHTTPRequestHandler):
    server: OpenIdServer

    def do_GET(self) -> None:
        url = self.server.url
        self._answer(
            {
                "/.well-known/openid-configuration": {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                },
                "/userinfo": self.server.claims,
            }
        )

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = (sent["client_id"], sent["client_secret"], sent["code"]) == (["client"], ["secret"], ["the-code"])
        token = {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": self.server.id_token()}
        self._answer({"/token": token if known and "code_verifier" in sent else {"error": "invalid_grant"}})

    def _answer(self, pages: dict[str, object]) -> None:
        self.server.asked.append(self.path)
        status = 500 if self.path == self.server.fault else 200 if self.path in pages else 404
        body = json.dumps(pages.get(self.path, {})).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def running_openid_server() -> Iterator[OpenIdServer]:
    with OpenIdServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
