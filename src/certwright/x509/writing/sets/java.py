"""A set for Java: a key store, and a trust store for its clients."""

from certwright.x509.writing.pfx import write_java_truststore
from certwright.x509.writing.sets.readme import Section, with_readme
from certwright.x509.writing.sets.ready_set import Material, SetFile, key_store_file

_FOLDER = "/etc/ssl/java"


def java_set(material: Material) -> tuple[SetFile, ...]:
    """Both in PKCS#12, the default of Java 9 and newer (JEP 229).

    Raises INVALID_INPUT without a password.
    """
    use = f"certificate, chain and private key, under the alias {material.stem}"
    store = key_store_file(material, "keystore.p12", use)
    trust = _trust_store(material)
    sections = (
        Section(
            "Install",
            (
                f"install -d -m 0755 {_FOLDER}",
                f"install -o USER -m 0600 keystore.p12 {_FOLDER}/",
                *(f"install -m 0644 {file.name} {_FOLDER}/" for file in trust),
            ),
            "As root; USER is the account that the program runs under:",
        ),
        Section(
            "Configuration",
            _system_properties("key", "keystore.p12"),
            "Any program, on its command line:",
        ),
        *(
            Section(
                "Clients",
                _system_properties("trust", file.name),
                "On a client's command line; it then trusts this root instead of Java's own list:",
            )
            for file in trust
        ),
        Section("Spring Boot", _spring_boot(material), "In application.properties:"),
        Section("Tomcat", _tomcat(material), "In server.xml:"),
        Section("Check", tuple(f"keytool -list -keystore {file.name}" for file in (store, *trust))),
    )
    return with_readme(material, "Java", (store, *trust), sections)


def _trust_store(material: Material) -> tuple[SetFile, ...]:
    if material.root is None:
        return ()
    content = write_java_truststore(material.root, material.password)
    return (SetFile("truststore.p12", content, "the root, for Java clients to trust"),)


def _system_properties(kind: str, name: str) -> tuple[str, ...]:
    return (
        f"-Djavax.net.ssl.{kind}Store={_FOLDER}/{name}",
        f"-Djavax.net.ssl.{kind}StoreType=PKCS12",
        f"-Djavax.net.ssl.{kind}StorePassword=PASSWORD",
    )


def _spring_boot(material: Material) -> tuple[str, ...]:
    return (
        f"server.ssl.key-store={_FOLDER}/keystore.p12",
        "server.ssl.key-store-type=PKCS12",
        "server.ssl.key-store-password=PASSWORD",
        f"server.ssl.key-alias={material.stem}",
    )


def _tomcat(material: Material) -> tuple[str, ...]:
    return (
        '<Connector port="8443" protocol="org.apache.coyote.http11.Http11NioProtocol"',
        '           SSLEnabled="true" scheme="https" secure="true">',
        "    <SSLHostConfig>",
        f'        <Certificate certificateKeystoreFile="{_FOLDER}/keystore.p12"',
        '                     certificateKeystoreType="PKCS12"',
        '                     certificateKeystorePassword="PASSWORD"',
        f'                     certificateKeyAlias="{material.stem}"/>',
        "    </SSLHostConfig>",
        "</Connector>",
    )
