"""Certificates as another company's authority makes them: by the openssl command line."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_LEAF = """
subjectAltName = {names}
extendedKeyUsage = serverAuth
keyUsage = digitalSignature
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
_AUTHORITY = """
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


@dataclass(frozen=True)
class OpensslAuthority:
    """A root, and an intermediate below it that issues."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "OpensslAuthority":
        """Make both in `folder`."""
        authority = cls(folder)
        folder.mkdir(parents=True)
        (folder / "authority.cnf").write_text(_AUTHORITY)
        authority._request("root", "Corp Root CA")
        authority._run(
            *("x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-days", "3650"),
            *("-extfile", "authority.cnf", "-out", "root.pem"),
        )
        authority._request("issuing", "Corp Issuing CA")
        authority._run(
            *("x509", "-req", "-in", "issuing.csr", "-CA", "root.pem", "-CAkey", "root.key"),
            *("-CAcreateserial", "-days", "1000", "-extfile", "authority.cnf"),
            *("-out", "issuing.pem"),
        )
        return authority

    @property
    def root(self) -> Path:
        """The root's PEM file."""
        return self.folder / "root.pem"

    def issue(self, name: str, *, alternative_names: str | None = None, days: int = 90) -> str:
        """Make NAME.key and NAME.pem; `days` below zero make one that has expired."""
        names = alternative_names or f"DNS:{name}"
        (self.folder / f"{name}.cnf").write_text(_LEAF.format(names=names))
        self._request(name, name)
        dates = ["-days", str(days)]
        if days < 0:
            dates = ["-not_before", "20240101000000Z", "-not_after", "20240201000000Z"]
        self._sign(name, dates)
        return name

    def pfx(
        self, name: str, *, password: str = "", legacy: bool = False, chain: bool = True
    ) -> Path:
        """A PFX of the certificate; `legacy` as old Windows made them (RC2 and 3DES, SHA-1)."""
        out = self.folder / f"{name}.pfx"
        chain_file = self.folder / "chain.pem"
        chain_file.write_text((self.folder / "issuing.pem").read_text() + self.root.read_text())
        self._run(
            *("pkcs12", "-export", "-in", f"{name}.pem", "-inkey", f"{name}.key"),
            *(("-certfile", "chain.pem") if chain else ()),
            *(("-legacy",) if legacy else ()),
            *("-name", name, "-out", out.name, "-passout", f"pass:{password}"),
        )
        return out

    def pem(self, name: str) -> Path:
        """Key, leaf and chain in one PEM file."""
        out = self.folder / f"{name}-all.pem"
        parts = (f"{name}.key", f"{name}.pem", "issuing.pem", "root.pem")
        out.write_text("".join((self.folder / part).read_text() for part in parts))
        return out

    def fingerprint(self, name: str) -> str:
        """SHA-256, lower-case hex."""
        line = self._run("x509", "-in", f"{name}.pem", "-noout", "-fingerprint", "-sha256")
        return line.partition("=")[2].strip().replace(":", "").lower()

    def _sign(self, name: str, dates: list[str]) -> None:
        if dates[0] == "-days":
            self._run(
                *("x509", "-req", "-in", f"{name}.csr", "-CA", "issuing.pem"),
                *("-CAkey", "issuing.key", "-CAcreateserial", *dates),
                *("-extfile", f"{name}.cnf", "-out", f"{name}.pem"),
            )
            return
        # `openssl x509` of OpenSSL 3.0 sets no dates in the past; `openssl ca` does.
        (self.folder / "index.txt").write_text("")
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca = it\n[it]\ndatabase = index.txt\nnew_certs_dir = .\n"
            "rand_serial = yes\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n"
        )
        self._run(
            *("ca", "-batch", "-notext", "-config", "ca.cnf", "-in", f"{name}.csr"),
            *("-cert", "issuing.pem", "-keyfile", "issuing.key"),
            *("-startdate", dates[1], "-enddate", dates[3]),
            *("-extfile", f"{name}.cnf", "-out", f"{name}.pem"),
        )

    def _request(self, stem: str, common_name: str) -> None:
        self._run(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", f"{stem}.key", "-out", f"{stem}.csr", "-subj", f"/CN={common_name}"),
        )

    def _run(self, *arguments: str) -> str:
        result = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout
