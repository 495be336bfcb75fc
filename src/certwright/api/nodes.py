"""REST: the nodes that share the database."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.lifecycle.nodes import Node, forget_node, list_nodes
from certwright.lifecycle.server import Server
from certwright.x509.text import rfc3339


def nodes_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List and forget."""
    router = APIRouter(prefix="/nodes", tags=["nodes"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_all() -> list[Document]:
        """The nodes by name, and whether each is there."""
        return node_documents(server)

    @router.delete("/{name}", status_code=204)
    def forget(name: str, caller: Annotated[Caller, authenticated]) -> Response:
        """Forget a node that is gone for good, with its endpoints and services."""
        forget_node(server, name, caller)
        return Response(status_code=204)

    return router


def node_documents(server: Server) -> list[Document]:
    """All nodes."""
    return list(map(_document, list_nodes(server)))


def _document(node: Node) -> Document:
    return {
        "name": node.name,
        "server_name": node.server_name,
        "version": node.version,
        "seen_at": rfc3339(node.seen_at),
        "silent": node.is_silent,
        "this": node.is_this,
    }
