"""The Designer's session, kept from the server behind the Web Server.

RFC 6265 8.5: "Cookies do not provide isolation by port." Whoever is logged in to the Designer and
then calls the Web Server sends the session's cookie along; somebody else's server could use it.
"""

from certwright.front.files import JsonObject

# RFC 6265bis 4.1.3.2: a __Host- cookie is refused unless it is Secure, of Path=/ and without
# Domain, so no other host of the domain can set or shadow it.
COOKIE = "__Host-certwright"

_FILTER = "envoy.filters.http.lua"
_LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
_ENABLED = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
_TAKE_OUT = f"""
function envoy_on_request(handle)
  local kept = {{}}
  for cookie in string.gmatch(handle:headers():get("cookie") or "", "[^;%s][^;]*") do
    if string.match(cookie, "^[^=%s]*") ~= "{COOKIE}" then
      table.insert(kept, cookie)
    end
  end
  if #kept == 0 then
    handle:headers():remove("cookie")
  else
    handle:headers():replace("cookie", table.concat(kept, "; "))
  end
end
"""


def session_filter() -> JsonObject:
    """The HTTP filter that takes the cookie out, and leaves all others, where a route asks for it.

    Only those routes pay for it: hardly a call carries the cookie.
    """
    return {
        "name": _FILTER,
        "disabled": True,
        "typed_config": {
            "@type": _LUA,
            "default_source_code": {"inline_string": _TAKE_OUT},
        },
    }


def without_session(route: JsonObject) -> JsonObject:
    """The same route for calls that carry the cookie."""
    match = route["match"]
    carrying = {"name": "cookie", "string_match": {"contains": COOKIE}}
    return {
        **route,
        "match": {**match, "headers": [*match.get("headers", ()), carrying]},
        "typed_per_filter_config": {_FILTER: {"@type": _ENABLED, "config": {}}},
    }
