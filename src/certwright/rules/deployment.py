"""Is it the certificate that the endpoint should be using, and the others with it?"""

from certwright.rules.candidate import EndpointChoice
from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import WARNING_EVERYWHERE, Objection, Rule
from certwright.rules.validity import is_near_expiry
from certwright.x509.certificate import Certificate
from certwright.x509.text import day


def _saved_not_active(case: Case) -> str | None:
    deployment = case.candidate.deployment
    if deployment is None:
        return None
    here = deployment.here
    if here.saved is None or here.active is None or here.saved == here.active:
        return None
    return (
        f"The {here.title} still serves the certificate with thumbprint "
        f"{here.active.thumbprint[:12]}; the one that is saved ({here.saved.thumbprint[:12]}) is "
        "not active yet."
    )


def _endpoint_forgotten(case: Case) -> Objection | None:
    deployment = case.candidate.deployment
    if deployment is None or not _wants_a_successor(case):
        return None
    here = deployment.here
    # With a choice that waits to be activated it is not forgotten: saved-not-active says so.
    if here.saved != case.certificate:
        return None
    for other in deployment.others:
        successor = _served_and_right(other, case)
        if successor is not None:
            return Objection(
                f"The {here.title} was left with this certificate (good until "
                f"{day(case.certificate.not_after)}), while the {other.title} has a newer one "
                f"(good until {day(successor.not_after)}).",
                f"Select that one (thumbprint {successor.thumbprint[:12]}) for the {here.title} "
                "too, and activate it.",
            )
    return None


def _wants_a_successor(case: Case) -> bool:
    certificate, at = case.certificate, case.requirement.at
    covers = all(certificate.covers(name) for name in case.requirement.names)
    return not covers or certificate.not_after < at or is_near_expiry(certificate, at)


def _served_and_right(other: EndpointChoice, case: Case) -> Certificate | None:
    successor, at = other.active, case.requirement.at
    if successor is None or successor == case.certificate:
        return None
    is_right = (
        all(successor.covers(name) for name in case.requirement.names)
        and successor.not_before <= at <= successor.not_after
        and not is_near_expiry(successor, at)
        and successor.not_after > min(case.certificate.not_after, at)
    )
    return successor if is_right else None


SAVED_NOT_ACTIVE = Rule(
    code="saved-not-active",
    family=Family.DEPLOYMENT,
    title="The certificate that is saved is the one that is served",
    severities=WARNING_EVERYWHERE,
    reference="The product's requirement: a change is active only after the server is restarted",
    remedy="Restart the server, or activate the endpoint.",
    judge=_saved_not_active,
)

ENDPOINT_FORGOTTEN = Rule(
    code="endpoint-forgotten",
    family=Family.DEPLOYMENT,
    title="No endpoint is left with an old certificate while another has the new one",
    severities=WARNING_EVERYWHERE,
    reference="The product's requirement: Configuration Server and Web Server are each selected "
    "for by themselves",
    remedy="Select the newer certificate for this endpoint too, and activate it.",
    judge=_endpoint_forgotten,
)
