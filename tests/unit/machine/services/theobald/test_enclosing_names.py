"""The names around a place of a settings file, in whatever format it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.services.theobald.enclosing_names import enclosing_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            '{"webServer": {"a": [1, {"b": 2}], "tls": {"thumbprint": "@"}}}',
            "webServer tls thumbprint",
        ),
        ('\ufeff{"a": {"b": "x"}, "c": "@"}', "c"),
        ('{"a": "b", "list": [{"name": "Web", "hash": "@"}]}', "list Web hash"),
        ('{"with \\"quotes\\"": "{[@"}', 'with \\"quotes\\"'),
        ('["x", "@"]', ""),
        ("<c><web><tls thumbprint='@'/></web></c>", "c web tls thumbprint"),
        ("<c><web><a/><b>1</b><hash>@</hash></web></c>", "c web hash"),
        ('<c><add key="WebServer.Thumbprint" value="@"/></c>', "c add WebServer.Thumbprint value"),
        ('<c><setting name="RpcServer"><value>@', "c setting RpcServer value"),
        ("<a></b><c>@</c></a>", "a c"),
        ("[one]\nx=1\n[ web ]\r\nThumbprint = @\n", "web Thumbprint"),
        ("thumbprint: @", "thumbprint"),
        ("@", ""),
    ],
)
def test_keys_elements_attributes_and_sections_are_told(text: str, names: str) -> None:
    assert " ".join(enclosing_names(text, text.index("@"))) == names


@given(text=st.text(), position=st.integers(0, 100))
def test_no_text_is_refused(text: str, position: int) -> None:
    enclosing_names(text, position)


@pytest.mark.parametrize(
    "piece", ['"\\', '\\"', "{", '{"a":', "<", "<a ", "<!--", "a=", "[", "<a>"]
)
def test_what_is_meant_to_keep_it_busy_does_not(piece: str) -> None:
    for beginning in ("", "{", "<"):
        text = beginning + piece * 50_000
        enclosing_names(text, len(text))
