"""DER elements put together (X.690 8.1), where the cryptographic library has no writer."""


def der_element(tag: int, *contents: bytes) -> bytes:
    """One element with a tag of one octet around its contents."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
