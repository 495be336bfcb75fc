"""Sets for nginx, HAProxy and Apache."""

from certwright.x509.writing.sets.readme import Section, check_served, with_readme
from certwright.x509.writing.sets.ready_set import (
    FOR_OWNER,
    Material,
    SetFile,
    certificate_file,
    key_file,
    root_files,
)


def nginx_set(material: Material) -> tuple[SetFile, ...]:
    """Certificate with chain, and key (nginx.org, ngx_http_ssl_module, ssl_certificate)."""
    folder, stem = "/etc/nginx/tls", material.stem
    files = _pair(material)
    configuration = (
        "server {",
        "    listen 443 ssl;",
        "    listen [::]:443 ssl;",
        f"    server_name {' '.join(material.hosts)};",
        "",
        f"    ssl_certificate     {folder}/{stem}.crt;",
        f"    ssl_certificate_key {folder}/{stem}.key;",
        "    ssl_protocols       TLSv1.2 TLSv1.3;",
        "}",
    )
    sections = (
        _install_pair(material, folder),
        Section("Configuration", configuration, f"In /etc/nginx/conf.d/{stem}.conf:"),
        Section("Activate", ("nginx -t && systemctl reload nginx",)),
        check_served(material),
    )
    return with_readme(material, "nginx", files, sections)


def haproxy_set(material: Material) -> tuple[SetFile, ...]:
    """Certificate, chain and key in one file (HAProxy's configuration manual, 5.1, crt)."""
    folder, stem = "/etc/haproxy/certs", material.stem
    together = SetFile(
        f"{stem}.pem",
        material.served_pem + material.key_pem,
        "certificate, chain and private key, as HAProxy wants them in one file",
        FOR_OWNER,
    )
    bind = f"bind :443 ssl crt {folder}/{stem}.pem alpn h2,http/1.1 ssl-min-ver TLSv1.2"
    install = (f"install -d -m 0700 {folder}", f"install -m 0600 {together.name} {folder}/")
    sections = (
        Section("Install", install, "As root; HAProxy reads it before it gives up root's rights:"),
        Section("Configuration", (bind,), "In /etc/haproxy/haproxy.cfg, in the frontend:"),
        Section(
            "Activate", ("haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",)
        ),
        check_served(material),
    )
    return with_readme(material, "HAProxy", (together, *root_files(material)), sections)


def apache_set(material: Material) -> tuple[SetFile, ...]:
    """Certificate with chain, and key (httpd.apache.org, mod_ssl, SSLCertificateFile)."""
    folder, stem = "/etc/apache2/tls", material.stem
    aliases = [name for name in material.hosts if name != material.host]
    configuration = (
        "<VirtualHost *:443>",
        f"    ServerName {material.host}",
        *((f"    ServerAlias {' '.join(aliases)}",) if aliases else ()),
        "",
        "    SSLEngine on",
        f"    SSLCertificateFile    {folder}/{stem}.crt",
        f"    SSLCertificateKeyFile {folder}/{stem}.key",
        "    SSLProtocol           -all +TLSv1.2 +TLSv1.3",
        "</VirtualHost>",
    )
    activate = (
        f"a2enmod ssl && a2ensite {stem}",
        "apache2ctl configtest && systemctl reload apache2",
    )
    sections = (
        _install_pair(material, folder),
        Section(
            "Configuration",
            configuration,
            f"In /etc/apache2/sites-available/{stem}.conf (Apache 2.4.8 or newer):",
        ),
        Section("Activate", activate),
        check_served(material),
    )
    return with_readme(material, "Apache", _pair(material), sections)


def _pair(material: Material) -> tuple[SetFile, ...]:
    stem = material.stem
    return (
        certificate_file(material, f"{stem}.crt"),
        key_file(material, f"{stem}.key"),
        *root_files(material),
    )


def _install_pair(material: Material, folder: str) -> Section:
    stem = material.stem
    lines = (
        f"install -d -m 0755 {folder}",
        f"install -m 0644 {stem}.crt {folder}/",
        f"install -m 0600 {stem}.key {folder}/",
    )
    return Section("Install", lines, "As root:")
