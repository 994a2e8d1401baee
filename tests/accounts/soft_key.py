"""A passkey in software: what a browser with an authenticator answers, after the WebAuthn recommendation."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

_FLAG = AuthenticatorData.FLAG


class SoftKey:
    """One resident credential for one site."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.user_handle = b""
        self.uses = 0

    def create(self, options: dict[str, Any]) -> str:
        """Answer navigator.credentials.create()."""
        public = options["publicKey"]
        self.user_handle = websafe_decode(public["user"]["id"])
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        state = self._state(public["rp"]["id"], _FLAG.UP | _FLAG.UV | _FLAG.AT, credential)
        return self._answer(
            {
                "clientDataJSON": self._client_data("webauthn.create", public["challenge"]),
                "attestationObject": AttestationObject.create("none", state, {}),
            },
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any]) -> str:
        """Answer navigator.credentials.get()."""
        public = options["publicKey"]
        state = self._state(public["rpId"], _FLAG.UP | _FLAG.UV, None)
        client_data = self._client_data("webauthn.get", public["challenge"])
        signed = state + hashlib.sha256(client_data).digest()
        return self._answer(
            {
                "clientDataJSON": client_data,
                "authenticatorData": state,
                "signature": self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
                "userHandle": self.user_handle,
            },
            {},
        )

    def _state(self, site: str, flags: int, credential: AttestedCredentialData | None) -> AuthenticatorData:
        self.uses += 1
        site_hash = hashlib.sha256(site.encode()).digest()
        return AuthenticatorData.create(site_hash, flags, self.uses, credential or b"")

    def _client_data(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, self.origin)

    def _answer(self, response: dict[str, bytes], extensions: dict[str, Any]) -> str:
        name = websafe_encode(self.credential_id)
        encoded = {field: websafe_encode(content) for field, content in response.items()}
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": encoded, "clientExtensionResults": extensions}
        )
