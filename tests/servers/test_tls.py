"""Servers that speak TLS, by their own options."""

from __future__ import annotations

import datetime as dt
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from asgi_testkit import serve
from tests.servers.places import APPS


class Identity(NamedTuple):
    """The files of a certificate for loopback, and of its key."""

    certificate: Path
    key: Path


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    folder = tmp_path_factory.mktemp("identity")
    key = ec.generate_private_key(ec.SECP256R1())
    made = Identity(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(_signed_by_itself(key).public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made


def _signed_by_itself(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    today = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder(name, name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )


def _options(over: str, identity: Identity) -> dict[str, Any]:
    certificate, key = {
        "uvicorn": ("ssl_certfile", "ssl_keyfile"),
        "hypercorn": ("certfile", "keyfile"),
        "granian": ("ssl_cert", "ssl_key"),
    }[over]
    return {certificate: identity.certificate, key: identity.key}


@pytest.mark.parametrize("where", ["process", "thread"])
@pytest.mark.parametrize("over", ["uvicorn", "hypercorn", "granian"])
def test_a_server_with_a_certificate_is_reached_by_https(
    over: str, where: Any, identity: Identity
) -> None:
    trust = ssl.create_default_context(cafile=identity.certificate)

    with serve(f"{APPS}:echo", over, where=where, **_options(over, identity)) as server:
        seen = server.client(verify=trust).get("/x").json()

        assert server.url.startswith("https://127.0.0.1:")
    assert (seen["path"], seen["scheme"]) == ("/x", "https")
