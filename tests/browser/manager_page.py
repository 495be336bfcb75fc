"""The Certificate Manager's page, and certificates with names that try its list."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from playwright.sync_api import Locator, Page

from certwright.x509.certificate import Certificate


def named(name: str) -> Certificate:
    """A certificate with a name that no authority would let through."""
    key = ec.generate_private_key(ec.SECP256R1())
    is_long = len(name) > 64
    kind = NameOID.ORGANIZATION_NAME if is_long else NameOID.COMMON_NAME
    attribute = x509.NameAttribute(kind, name)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([attribute]))
        .issuer_name(x509.Name([attribute]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
    )
    return Certificate.from_cryptography(builder.sign(key, SHA256()))


def position(page: Page) -> Locator:
    """Which rows of how many are shown."""
    return page.locator("#position")


def rows(page: Page) -> Locator:
    """The rows of the list."""
    return page.locator(".rows tbody tr")


def names(page: Page) -> list[str]:
    """What the rows are called."""
    return page.locator(".rows .open").all_inner_texts()


def go(page: Page, key: str) -> None:
    """Follow the link with this id, and wait for the list it leads to."""
    before = position(page).element_handle()
    page.locator(f"#{key}").click()
    assert before is not None
    page.wait_for_function("line => !line.isConnected", arg=before)
