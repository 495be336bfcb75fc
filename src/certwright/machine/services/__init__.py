"""Programs of this machine that serve with a certificate: a room or a module for each kind.

`service.py` says what every kind offers, `kinds.py` which there are, `tasks.py` what can be asked
of one, `options.py` what several can be told. What several kinds share: `pem/`, `service_files/`,
`configuration/` and `activation/`.
"""
