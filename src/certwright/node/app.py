"""The web application's process: `python -m certwright.node.app`, started by the supervisor.

What it has to know comes on its standard input, so that no secret stands in its arguments or
environment. It imports everything first and reads then: meanwhile the database starts.
"""

from certwright.node.lasting import lasting


def main() -> None:
    """Serve until SIGTERM."""
    with lasting():
        from certwright.node.web_server import build_web_server, serve

        web_server = build_web_server()
    serve(web_server)


if __name__ == "__main__":
    main()
