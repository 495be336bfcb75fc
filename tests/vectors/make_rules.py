"""Makes the vectors in rules/: `python -m tests.vectors.make_rules`. What is expected is written
by hand in the modules that it takes the cases from; the certificates are made anew, so a run
changes every file.
"""

import shutil
from pathlib import Path

from .rule_authorities import Authority
from .rule_cases_chain import chain_cases, form_cases, origin_cases
from .rule_cases_keys import key_cases, signature_cases
from .rule_cases_names import name_cases, other_name_cases
from .rule_cases_real import real_cases
from .rule_cases_use import deployment_cases, time_cases, usage_cases

FOLDER = Path(__file__).parent / "rules"


def main() -> None:
    corp, public = Authority.make("Corp"), Authority.make("Everyone's")
    brief = Authority.make("Brief", intermediate_days=28)
    cases = [
        *name_cases(corp),
        *other_name_cases(corp, public),
        *time_cases(corp, public),
        *key_cases(corp),
        *signature_cases(corp),
        *usage_cases(corp),
        *chain_cases(corp, brief),
        *form_cases(corp),
        *origin_cases(corp, public),
        *deployment_cases(corp),
        *real_cases(),
    ]
    assert len({case.name for case in cases}) == len(cases)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for case in cases:
        (FOLDER / f"{case.name}.toml").write_text(case.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
