"""Where an nginx looks for its files, by its own words."""

from certwright.machine.services.nginx.service import how_built


def test_built_in_places_are_those_that_nginx_prints() -> None:
    built = how_built(
        "nginx version: nginx/1.22.1\nbuilt with OpenSSL\n"
        "configure arguments: --with-cc-opt='-g -O2' --prefix=/usr/share/nginx "
        "--conf-path=/etc/nginx/nginx.conf --pid-path=/run/nginx.pid\n"
    )
    assert built.version == "nginx 1.22.1"
    assert (built.prefix, built.configuration) == ("/usr/share/nginx", "/etc/nginx/nginx.conf")
    assert built.pid_file == "/run/nginx.pid"
    assert how_built("").configuration == "conf/nginx.conf"
