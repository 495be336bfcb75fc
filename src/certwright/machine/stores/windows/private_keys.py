"""Private keys of certificates, whichever part of Windows keeps them."""

from . import capi_keys, cng_keys
from .properties import KeyPlace, key_place
from .system_store import Context, contexts, list_stores, opened


def required(context: Context) -> KeyPlace:
    """Where the certificate's key is; raises NO_PRIVATE_KEY."""
    place = key_place(context)
    if place is None or not is_there(place):
        raise capi_keys.no_private_key()
    return place


def is_there(place: KeyPlace) -> bool:
    """Whether the key is, or only the certificate's word for it."""
    return cng_keys.is_there(place) if place.is_cng else capi_keys.is_there(place)


def matches(place: KeyPlace, context: Context) -> bool:
    """Whether what it signs can be verified with the certificate."""
    if place.is_cng:
        return cng_keys.matches(place, context)
    return capi_keys.matches(place, context)


def delete(place: KeyPlace) -> bool:
    """Destroy the key. True if it was there."""
    return cng_keys.delete(place) if place.is_cng else capi_keys.delete(place)


def security(place: KeyPlace) -> bytes:
    """The access list of the key, as a self-relative security descriptor."""
    return cng_keys.security(place) if place.is_cng else capi_keys.security(place)


def set_security(place: KeyPlace, descriptor: bytes) -> None:
    """Replace the access list of the key."""
    if place.is_cng:
        cng_keys.set_security(place, descriptor)
    else:
        capi_keys.set_security(place, descriptor)


def is_used(place: KeyPlace, location: str) -> bool:
    """Whether a certificate in any store of `location` says that this is its key.

    Machine keys belong to Local Machine, a user's to Current User, so no other location counts.
    """
    for store in list_stores(location):
        with opened(location, store) as handle:
            for context in contexts(handle):
                other = key_place(context)
                if other is not None and other.identity == place.identity:
                    return True
    return False
