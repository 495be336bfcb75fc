"""A keystore that Java itself serves with: its management port, started anew each time."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from certwright.machine.handshake import shake_hands
from certwright.machine.services.java_keystore.service import JavaKeystore
from certwright.machine.services.service import Material, Option, ServiceReference
from certwright.x509.keys import private_key_to_pem

from ...interop.servers import LOOPBACK, end, free_port, program, wait_until_it_listens
from ...unit.foreign_authority import Issued
from .adapter import NAME, ServiceAdapter, pem_chain

PACKAGE = "openjdk-17-jre-headless"
PASSWORD = "changeit and more"
PFX_PASSWORD = "one time alone"
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
QUICK_TOOL = tuple(f"-J{option}" for option in QUICK)


@contextmanager
def running(folder: Path, issued: Issued, kind: str = "PKCS12") -> Iterator[ServiceAdapter]:
    """A keystore of that type, with a root that it trusts beside the key."""
    password_file = folder / "password"
    password_file.write_text(f"{PASSWORD}\n")
    store = folder / "java" / "server.keystore"
    store.parent.mkdir()
    make_keystore(store, kind, password_file, issued)
    store.chmod(0o640)
    options = (Option("alias", "Tomcat"), Option("password-file", str(password_file)))
    yield ServiceAdapter(
        service=JavaKeystore(ServiceReference("java-keystore", str(store), options)),
        endpoint="tomcat",
        current=issued,
        served=lambda: served_by_java(folder, store),
        material=pfx_material,
        files=(store,),
    )


def pfx_material(issued: Issued, former: Issued) -> Material:
    """As kinds take it that read PKCS#12."""
    return Material(
        thumbprint=issued.leaf.thumbprint,
        former_thumbprint=former.leaf.thumbprint,
        pfx=pfx(issued),
        pfx_password=PFX_PASSWORD,
    )


def pfx(issued: Issued) -> bytes:
    """Without the root; a key that does not belong to the leaf stands in it without one."""
    key, leaf = issued.key, issued.leaf.cryptography
    others = [one.cryptography for one in issued.chain[:1]]
    encryption = BestAvailableEncryption(PFX_PASSWORD.encode())
    if key.public_key() != leaf.public_key():
        return serialize_key_and_certificates(b"server", key, None, [leaf, *others], encryption)
    return serialize_key_and_certificates(b"server", key, leaf, others, encryption)


def make_keystore(store: Path, kind: str, password_file: Path, issued: Issued) -> None:
    """As an administrator makes one, with openssl and keytool."""
    folder = password_file.parent
    (folder / "first.pem").write_text(pem_chain(issued) + private_key_to_pem(issued.key))
    (folder / "root.pem").write_text(issued.chain[-1].pem)
    password = ("-passout", f"file:{password_file}")
    made = ("pkcs12", "-export", "-in", "first.pem", "-out", "first.pfx", "-name", "tomcat")
    run("openssl", "openssl", *made, *password, folder=folder)
    opened = (*("-keystore", str(store), "-storetype", kind), "-storepass:file", str(password_file))
    file = str(password_file)
    run(
        *("keytool", PACKAGE, *QUICK_TOOL, "-importkeystore", "-srckeystore", "first.pfx"),
        *("-srcstorepass:file", file, "-destkeystore", str(store), "-deststoretype", kind),
        *("-deststorepass:file", file, "-destkeypass:file", file),
        folder=folder,
    )
    trusted = ("-importcert", "-noprompt", "-alias", "company root", "-file", "root.pem")
    run("keytool", PACKAGE, *QUICK_TOOL, *trusted, *opened, folder=folder)


def run(name: str, package: str, *arguments: str, folder: Path) -> str:
    """The output of a program that must succeed."""
    done = subprocess.run(
        [program(name, package), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def served_by_java(folder: Path, store: Path) -> str:
    """What a Java that starts now serves."""
    port = free_port()
    properties = folder / "tls.properties"
    properties.touch(0o600)
    properties.write_text(
        f"javax.net.ssl.keyStore={store}\njavax.net.ssl.keyStorePassword={PASSWORD}\n"
    )
    management = {
        "port": port,
        "host": LOOPBACK,
        "authenticate": "false",
        "registry.ssl": "true",
        "ssl.config.file": properties,
    }
    settings = [f"-Dcom.sun.management.jmxremote.{name}={management[name]}" for name in management]
    java = program("java", PACKAGE)
    main = ["-m", "java.rmi/sun.rmi.registry.RegistryImpl", str(free_port())]
    with (folder / "java.log").open("wb") as log:
        process = subprocess.Popen([java, *QUICK, *settings, *main], stdout=log, stderr=log)
    try:
        wait_until_it_listens(process, port)
        chain = shake_hands(LOOPBACK, port, NAME, timeout_seconds=30).chain
    finally:
        end([process])
    return sha1(chain[0], usedforsecurity=False).hexdigest()
