"""Where there is no atheris (it has no build for Python 3.14), the finds alone are tried."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("atheris") else ["test_search.py"]
