"""The endpoint that an address or a form names: one of the node's own, or one of a service."""

from typing import Annotated

from fastapi import Depends

from certwright.services.endpoints import EndpointName, ServiceEndpoint, parse_endpoint_name


def endpoint_in_path(name: str) -> EndpointName:
    """The one that stands as `{name:path}` in the address; raises NOT_FOUND."""
    return parse_endpoint_name(name)


PathEndpoint = Annotated[EndpointName, Depends(endpoint_in_path)]


def settings_address(name: EndpointName) -> str:
    """The window with the settings of an endpoint; for a service's, that of the service."""
    if isinstance(name, ServiceEndpoint):
        return f"/services/{name.service}"
    return f"/settings/{name}"
