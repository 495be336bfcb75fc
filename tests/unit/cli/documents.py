"""Answers of a node, as its REST gives them."""

from typing import Any

LEAF = "ab" * 32
FORMER = "cd" * 32
ROOT = "ef" * 32
THUMBPRINT = "720e95b9" + "0" * 32

PROOF: Any = {
    "verdict": "pass",
    "at": "2026-11-24T09:00:00Z",
    "address": "127.0.0.1",
    "port": 8165,
    "name": "todd.corp.example",
    "tls_version": "TLSv1.3",
    "cipher": "TLS_AES_256_GCM_SHA384",
    "group": "X25519MLKEM768",
    "milliseconds": 3.1,
    "served_fingerprint": LEAF,
    "served_thumbprint": THUMBPRINT,
    "chain": [
        {
            "fingerprint": LEAF,
            "subject": "CN=todd.corp.example",
            "issuer": "CN=Certwright Issuing CA 1",
            "not_after": "2027-01-09T09:00:00Z",
        },
    ],
    "checks": [
        {"name": "protocol", "ok": True, "sentence": "TLS 1.3 with X25519MLKEM768."},
        {"name": "name", "ok": True, "sentence": "The certificate is for todd.corp.example."},
    ],
}

FAILED_PROOF: Any = {
    "verdict": "fail",
    "at": "2026-11-24T09:00:00Z",
    "address": "127.0.0.1",
    "port": 8165,
    "name": "todd.corp.example",
    "checks": [{"name": "handshake", "ok": False, "sentence": "Nothing answers on port 8165."}],
}

ENDPOINT: Any = {
    "name": "web-server",
    "environment": "test",
    "protocol": "https",
    "active_protocol": "https",
    "port": 8165,
    "saved": LEAF,
    "active": LEAF,
    "active_thumbprint": THUMBPRINT,
    "version": 3,
    "proof": PROOF,
    "health": "good",
    "sentence": "Right for todd.corp.example until 9 January 2027 (46 days).",
}

STATUS: Any = {
    "ready": True,
    "version": "0.1.0",
    "server_name": "todd.corp.example",
    "environment": "test",
    "database": {"kind": "PostgreSQL", "version": "18.4", "url": "postgresql://"},
    "authorities": [
        {
            "name": "internal",
            "kind": "internal",
            "root_fingerprint": ROOT,
            "issuing_until": "2029-11-23T09:00:00Z",
        }
    ],
    "services": [
        {"name": "node", "kind": "certwright", "machine": "local", "endpoints": [ENDPOINT]}
    ],
}

CERTIFICATE: Any = {
    "thumbprint": THUMBPRINT,
    "fingerprint": LEAF,
    "subject": "CN=todd.corp.example",
    "common_name": "todd.corp.example",
    "names": ["todd.corp.example", "localhost", "192.0.2.1"],
    "issuer": "CN=Certwright Issuing CA 1",
    "serial": "0a1b2c",
    "not_before": "2026-11-23T09:00:00Z",
    "not_after": "2027-01-09T09:00:00Z",
    "has_private_key": True,
    "machine": "local",
    "location": "LocalMachine",
    "store": "My",
    "status": "valid",
}

FINDING: Any = {
    "code": "san-lacks-name",
    "severity": "error",
    "message": "Its names lack todd.corp.example.",
    "remedy": "Ask for one that has it.",
    "reference": "RFC 9525",
}

DETAILS: Any = CERTIFICATE | {
    "is_issuer_only": False,
    "fields": [
        {
            "section": "Subject",
            "name": "Common Name (CN)",
            "value": ["todd.corp.example"],
            "octets": None,
        },
        {"section": "Signature", "name": "Value", "value": ["4 octets"], "octets": "3006aabb"},
    ],
    "extensions": [
        {
            "name": "Subject Alternative Name",
            "object_identifier": "2.5.29.17",
            "critical": True,
            "note": None,
            "value": [
                {
                    "name": "Names",
                    "value": ["DNS todd.corp.example", "IP 192.0.2.1"],
                    "octets": None,
                }
            ],
        },
        {
            "name": "Further extensions",
            "object_identifier": None,
            "critical": False,
            "note": "3 more are not shown.",
            "value": [],
        },
    ],
    "path": {
        "ok": False,
        "reason": "The issuer is missing.",
        "links": [
            {
                "name": "Corp Root",
                "role": "Missing issuer",
                "state": "broken",
                "thumbprint": None,
                "fingerprint": None,
                "not_after": None,
                "location": None,
                "store": None,
                "faults": [
                    {
                        "cause": "issuer-missing",
                        "reason": "Corp Root is missing.",
                        "remedy": "Import it.",
                    }
                ],
            },
            {
                "name": "todd.corp.example",
                "role": "Leaf",
                "state": "good",
                "thumbprint": THUMBPRINT,
                "fingerprint": LEAF,
                "not_after": "2027-01-09T09:00:00Z",
                "location": "LocalMachine",
                "store": "My",
                "faults": [],
            },
        ],
    },
    "endpoints": [
        {"endpoint": "web-server", "use": "not used", "right": False, "findings": [FINDING]},
        {
            "endpoint": "configuration-server",
            "use": "saved and served",
            "right": True,
            "findings": [],
        },
    ],
    "asn1": {
        "name": "SEQUENCE",
        "offset": 0,
        "length": 900,
        "value": None,
        "problem": None,
        "children": [
            {
                "name": "INTEGER",
                "offset": 4,
                "length": 1,
                "value": "2",
                "problem": None,
                "children": [],
            },
            {
                "name": "damaged",
                "offset": 7,
                "length": 9,
                "value": None,
                "problem": "At offset 7: its length is absurd.",
                "children": [],
            },
        ],
    },
}

ACTIVATION: Any = {
    "id": 7,
    "endpoint": "web-server",
    "state": "proven",
    "certificate": LEAF,
    "former_certificate": FORMER,
    "steps": [
        {"name": "switch", "ok": True, "sentence": "Switched.", "at": "2026-11-24T09:00:00Z"},
        {"name": "prove", "ok": True, "sentence": "Proven.", "at": "2026-11-24T09:00:00Z"},
    ],
    "proof": PROOF,
    "started_at": "2026-11-24T09:00:00Z",
    "finished_at": "2026-11-24T09:00:00Z",
}

IMPORTED: Any = {
    "certificate": CERTIFICATE,
    "added": True,
    "format": "PEM",
    "entries": [CERTIFICATE | {"is_new": True, "origin": "file"}],
    "root": None,
    "findings": [],
    "chain": {"ok": True, "reason": None, "path": []},
    "notes": [],
}
