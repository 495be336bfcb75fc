"""The account at a directory: found again by its key, or made (RFC 8555 7.3)."""

from datetime import datetime

import structlog

from certwright.authorities.acme.account_keeping import AcmeAccount
from certwright.authorities.acme.client import AcmeClient
from certwright.authorities.acme.directories import Directory
from certwright.authorities.acme.problems import sentence
from certwright.authorities.acme.refused import Refused
from certwright.authorities.acme.settings import AcmeSecrets, AcmeSettings
from certwright.authorities.authority import IssuanceFailed

_log = structlog.get_logger()

ACCOUNT_GONE = "accountDoesNotExist"


def open_account(
    client: AcmeClient,
    account: AcmeAccount,
    settings: AcmeSettings,
    secrets: AcmeSecrets,
    now: datetime,
) -> None:
    """Let `client` sign as the account, which is made where it is not known yet.

    Whoever created the authority agreed to the directory's terms. An account that was made, but
    not kept, is found by its key: newAccount answers with the same one. A contact that was changed
    since is told to the directory (RFC 8555 7.3.2). Raises IssuanceFailed.
    """
    url = account.find(account.fingerprint)
    if not url:
        url = _register(client, settings, secrets, now)
        account.keep(account.fingerprint, url)
        account.keep_contact(settings.contact)
    client.sign_as(url)
    if (account.contact() or ()) != settings.contact:
        _change_contact(client, url, account, settings)


def refuse_missing_binding(
    directory: Directory, settings: AcmeSettings, secrets: AcmeSecrets
) -> None:
    """Raise IssuanceFailed if the directory demands a customer's key and none is given.

    Half of one is a mistake, whatever the directory demands.
    """
    if bool(settings.eab_identifier) != bool(secrets.eab_hmac_key):
        raise IssuanceFailed(
            "External Account Binding has two parts, and one of them is missing.",
            "Give the key identifier and the HMAC key, both as the authority gave them, or "
            "neither of them.",
        )
    if directory.external_account_required and not _has_binding(settings, secrets):
        raise IssuanceFailed(
            "The authority serves known customers only, and no key of theirs is given.",
            "Get a key identifier and an HMAC key from the authority (External Account Binding), "
            "and create this authority again with them.",
        )


def _has_binding(settings: AcmeSettings, secrets: AcmeSecrets) -> bool:
    return bool(settings.eab_identifier and secrets.eab_hmac_key)


def _addresses(settings: AcmeSettings) -> list[str]:
    return [f"mailto:{address}" for address in settings.contact]


def _change_contact(
    client: AcmeClient, url: str, account: AcmeAccount, settings: AcmeSettings
) -> None:
    try:
        client.post(url, {"contact": _addresses(settings)})
    except Refused as refused:
        # A certificate is worth more than that; it is told again with the next order.
        _log.warning("acme.contact_refused", reason=sentence(refused.problem))
    else:
        account.keep_contact(settings.contact)


def _register(
    client: AcmeClient, settings: AcmeSettings, secrets: AcmeSecrets, now: datetime
) -> str:
    document: dict[str, object] = {"termsOfServiceAgreed": True}
    if settings.contact:
        document["contact"] = _addresses(settings)
    if _has_binding(settings, secrets):
        document["externalAccountBinding"] = client.external_account_binding(
            settings.eab_identifier, secrets.eab_hmac_key
        )
    refuse_missing_binding(client.directory, settings, secrets)
    try:
        return client.post(client.directory.new_account, document).location
    except Refused as refused:
        raise refused.failure(now, about="The authority made no account") from None
