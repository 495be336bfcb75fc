"""The Windows Certificate Store and its private keys, by Windows' own libraries.

`performing.py` does every task. `crypt32.py`, `ncrypt.py`, `advapi32.py`, `kernel32.py` and
`netapi32.py` name the functions that are used, `structures.py` what they take.
"""
