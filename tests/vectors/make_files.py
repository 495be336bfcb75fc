"""Makes the vectors in files/ with openssl: `python tests/vectors/make_files.py`.

A run changes every file. What is expected of each stands in files.toml, written by hand.
"""

import shutil
import subprocess
import tempfile
from base64 import b64decode, encodebytes
from pathlib import Path

FOLDER = Path(__file__).parent / "files"
PASSWORD = "correct horse"
NON_ASCII = "pässwörd €"

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[leaf]
subjectAltName = DNS:todd.corp.example
extendedKeyUsage = serverAuth
[ca]
default_ca = this
[this]
database = index.txt
default_md = sha256
default_crl_days = 30
"""


class Workshop:
    """A folder in which openssl works, and from which files go to the vectors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "openssl.cnf").write_text(CONFIGURATION)
        (folder / "index.txt").write_text("")

    def openssl(self, line: str, *more: str) -> None:
        command = ["openssl", *line.split(), *more]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def make_authority(self) -> None:
        self.openssl("genrsa -out root.key 2048")
        self.openssl(
            "req -x509 -config openssl.cnf -extensions root -key root.key -days 3650 -out root.pem",
            *("-subj", "/O=Other/CN=Other Root"),
        )

    def make_leaf(self, name: str, key_options: str) -> None:
        self.openssl(f"genpkey {key_options} -out {name}.key")
        self.openssl(
            f"req -new -config openssl.cnf -key {name}.key -out {name}.csr",
            *("-subj", "/CN=todd.corp.example"),
        )
        self.openssl(
            f"x509 -req -in {name}.csr -CA root.pem -CAkey root.key -CAcreateserial -days 3000 "
            f"-extfile openssl.cnf -extensions leaf -out {name}.pem"
        )

    def make_pfx(self, name: str, options: str, password: str = PASSWORD) -> None:
        self.openssl(f"pkcs12 -export -out {name} {options}", "-passout", f"pass:{password}")
        shutil.copy(self.folder / name, FOLDER / name)


def make_pfx_files(shop: Workshop) -> None:
    pair, chain = "-in rsa.pem -inkey rsa.key", "-certfile root.pem"
    shop.make_pfx("aes-with-chain.pfx", f"{pair} {chain}")
    shop.make_pfx("aes-without-chain.pfx", pair)
    shop.make_pfx("legacy-rc2.pfx", f"-legacy {pair} {chain}")
    shop.make_pfx("legacy-3des.pfx", f"-legacy -descert {pair} {chain}")
    shop.make_pfx("legacy-rc2-no-password.pfx", f"-legacy {pair} {chain}", "")
    shop.make_pfx("aes-no-password.pfx", f"{pair} {chain}", "")
    shop.make_pfx("non-ascii-password.pfx", pair, NON_ASCII)
    shop.make_pfx("legacy-non-ascii-password.pfx", f"-legacy {pair}", NON_ASCII)
    shop.make_pfx("not-encrypted.pfx", f"{pair} {chain} -keypbe NONE -certpbe NONE")
    shop.make_pfx("mac-sha1.pfx", f"{pair} -macalg sha1")
    shop.make_pfx("elliptic-key.pfx", "-in ec.pem -inkey ec.key")
    shop.make_pfx("key-only.pfx", "-nocerts -inkey rsa.key")
    shop.make_pfx("certificates-only.pfx", "-nokeys -in rsa.pem -certfile root.pem")
    shop.make_pfx("authority-and-key.pfx", "-in root.pem -inkey root.key")
    pfx = shop.read("aes-with-chain.pfx")
    (FOLDER / "cut-off.pfx").write_bytes(pfx[: len(pfx) // 2])
    (FOLDER / "damaged.pfx").write_bytes(pfx[:-40] + bytes(40))
    (FOLDER / "open-length.pfx").write_bytes(with_open_length(pfx))
    # 2048 rounds, as an INTEGER of two octets, become 2 thousand million in four.
    shop.make_pfx("absurd-rounds-base.pfx", pair)
    (FOLDER / "absurd-rounds-base.pfx").unlink()
    base = shop.read("absurd-rounds-base.pfx")
    (FOLDER / "absurd-mac-rounds.pfx").write_bytes(with_absurd_mac_rounds(base))


def with_open_length(pfx: bytes) -> bytes:
    """The same file with a length of its outermost element that is not told in advance."""
    assert pfx[:2] == b"\x30\x82"
    return b"\x30\x80" + pfx[4:] + b"\0\0"


def with_absurd_mac_rounds(pfx: bytes) -> bytes:
    """The same file with 2**31 - 1 rounds for its MAC: the last element, two lengths around it."""
    assert pfx.endswith(bytes.fromhex("02020800"))
    content = bytearray(pfx[4:-4] + bytes.fromhex("02047fffffff"))
    mac = content.rfind(b"\x30\x41\x30\x31")
    assert mac > 0
    content[mac + 1] += 2
    return b"\x30\x82" + len(content).to_bytes(2, "big") + bytes(content)


def with_absurd_scrypt(pem: bytes) -> bytes:
    """The same key, asking for N = 16384, r = 127 and p = 127 instead of 8 and 1."""
    der = b64decode(b"".join(pem.splitlines()[1:-1]))
    usual, absurd = bytes.fromhex("02024000020108020101"), bytes.fromhex("0202400002017f02017f")
    assert usual in der
    label = b"ENCRYPTED PRIVATE KEY-----\n"
    text = encodebytes(der.replace(usual, absurd))
    return b"-----BEGIN " + label + text + b"-----END " + label


def make_pem_files(shop: Workshop) -> None:
    leaf, root, key = (shop.read(name) for name in ("rsa.pem", "root.pem", "rsa.key"))
    put = {
        "leaf-key-chain.pem": leaf + key + root,
        "chain-first.pem": root + key + leaf,
        "two-leaves.pem": shop.read("ec.pem") + leaf + key,
        "certificates-only.pem": root + leaf,
        "windows-line-ends.pem": (leaf + key).replace(b"\n", b"\r\n"),
        "utf-16.pem": (leaf + key).decode("ascii").encode("utf-16"),
        "same-twice.pem": leaf + leaf + key,
        "other-key.pem": leaf + shop.read("ec.key"),
        "edwards-key.pem": shop.read("ed.pem") + shop.read("ed.key"),
        "key-only.pem": key,
        "request.pem": shop.read("rsa.csr"),
        "cut-off.pem": leaf[:600],
        "damaged.pem": leaf.replace(b"M", b"!", 3),
        "not-a-certificate-inside.pem": b"-----BEGIN CERTIFICATE-----\nAAAA\n"
        b"-----END CERTIFICATE-----\n",
    }
    for name, content in put.items():
        (FOLDER / name).write_bytes(content)
    shop.openssl("x509 -in rsa.pem -text -out text.pem")
    (FOLDER / "text-around.pem").write_bytes(
        b"Bag Attributes\n    friendlyName: todd\n" + shop.read("text.pem") + b"\nthe key:\n" + key
    )
    shop.openssl("pkcs8 -topk8 -v2 aes-256-cbc -in rsa.key -out p8", "-passout", "pass:" + PASSWORD)
    (FOLDER / "encrypted-pkcs8.pem").write_bytes(leaf + shop.read("p8"))
    shop.openssl("pkcs8 -topk8 -scrypt -in rsa.key -out scrypt", "-passout", "pass:" + PASSWORD)
    (FOLDER / "encrypted-scrypt.pem").write_bytes(leaf + shop.read("scrypt"))
    shop.openssl(
        "pkcs8 -topk8 -iter 50000000 -in rsa.key -out slow", "-passout", "pass:" + PASSWORD
    )
    (FOLDER / "absurd-rounds.pem").write_bytes(leaf + shop.read("slow"))
    (FOLDER / "absurd-scrypt.pem").write_bytes(leaf + with_absurd_scrypt(shop.read("scrypt")))
    shop.openssl(
        "rsa -aes256 -traditional -in rsa.key -out traditional", "-passout", "pass:" + PASSWORD
    )
    (FOLDER / "encrypted-traditional.pem").write_bytes(leaf + shop.read("traditional"))
    shop.openssl("rsa -traditional -in rsa.key -out pkcs1")
    (FOLDER / "pkcs1-key.pem").write_bytes(leaf + shop.read("pkcs1"))
    shop.openssl("ecparam -name prime256v1 -out parameters")
    shop.openssl("ec -in ec.key -out sec1")
    (FOLDER / "sec1-key-with-parameters.pem").write_bytes(
        shop.read("parameters") + shop.read("sec1") + shop.read("ec.pem")
    )
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", shop.folder / "ssh"],
        check=True,
    )
    (FOLDER / "ssh-key.pem").write_bytes(shop.read("ssh"))
    (FOLDER / "certificate-and-ssh-key.pem").write_bytes(leaf + shop.read("ssh"))


def make_other_files(shop: Workshop) -> None:
    for target, line in {
        "certificate.der": "x509 -in rsa.pem -outform DER",
        "request.der": "req -in rsa.csr -outform DER",
        "key.der": "pkey -in rsa.key -outform DER",
        "certificates.p7b": "crl2pkcs7 -nocrl -certfile rsa.pem -outform DER",
        "certificates-p7b.pem": "crl2pkcs7 -nocrl -certfile rsa.pem",
        "revocations.der": "crl -in crl.pem -outform DER",
    }.items():
        if target == "revocations.der":
            shop.openssl(
                "ca -config openssl.cnf -gencrl -keyfile root.key -cert root.pem -out crl.pem"
            )
        shop.openssl(f"{line} -out out")
        (FOLDER / target).write_bytes(shop.read("out"))
    certificate = (FOLDER / "certificate.der").read_bytes()
    (FOLDER / "something-after.der").write_bytes(certificate + b"\0")
    (FOLDER / "empty.pem").write_bytes(b"")
    (FOLDER / "java.jks").write_bytes(bytes.fromhex("feedfeed0000000200000000") + bytes(20))
    (FOLDER / "archive.zip").write_bytes(b"PK\x03\x04" + bytes(60))
    (FOLDER / "words.txt").write_text("My certificate is in the other folder.\n")


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder))
        shop.make_authority()
        shop.make_leaf("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048")
        shop.make_leaf("ec", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256")
        shop.make_leaf("ed", "-algorithm ED25519")
        make_pfx_files(shop)
        make_pem_files(shop)
        make_other_files(shop)


if __name__ == "__main__":
    main()
