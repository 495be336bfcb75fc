"""Files whose text was re-encoded on the way, brought back to bytes as they were."""

import binascii
import re
from base64 import b64decode

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BEGIN = b"-----BEGIN "
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]{100,}={0,2}\s*")


def as_bytes(data: bytes) -> bytes:
    """`data` as plain octets: text of other encodings as ASCII, bare Base64 decoded.

    Windows PowerShell's ">" writes UTF-16; editors put a mark before UTF-8; a PEM file copied out
    of JSON has its ends of lines spelled out; a Kubernetes secret is PEM in Base64.
    """
    text = _as_ascii(data)
    if _BEGIN in text:
        return text.replace(b"\\r", b"").replace(b"\\n", b"\n") if b"\\n" in text else text
    if _BASE64.fullmatch(text):
        try:
            return b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            return text
    return text


def _as_ascii(data: bytes) -> bytes:
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16", "replace").encode("ascii", "replace")
    if data[1:12:2] == bytes(len(data[1:12:2])) and _BEGIN in data[::2]:
        return data.decode("utf-16-le", "replace").encode("ascii", "replace")
    return data.removeprefix(_UTF8_MARK)
