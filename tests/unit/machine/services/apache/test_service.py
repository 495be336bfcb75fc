"""Where an Apache looks for its files, by its own words."""

from certwright.machine.services.apache.service import how_built


def test_built_in_places_are_those_that_apache_prints() -> None:
    built = how_built(
        'Server version: Apache/2.4.71 (Debian)\n -D HTTPD_ROOT="/etc/apache2"\n'
        ' -D DEFAULT_PIDLOG="/run/apache2.pid"\n -D SERVER_CONFIG_FILE="apache2.conf"\n'
    )
    assert (built.label, built.version) == ("Apache 2.4.71", (2, 4, 71))
    assert (built.server_root, built.configuration) == ("/etc/apache2", "apache2.conf")
    assert built.pid_file == "/run/apache2.pid"
    assert how_built("").label == ""
