"""How a client test speaks: one `ok <name>` line a check, and exit code 1 at the first that fails.

Import this before `datasets`, which reads its environment only once.
"""

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
import traceback

# Nothing may be answered by the network or by what an earlier run left in a cache.
_caches = tempfile.mkdtemp(prefix="turnset-clients-")
atexit.register(shutil.rmtree, _caches, ignore_errors=True)
os.environ.update(
    HF_HOME=_caches,
    HF_DATASETS_CACHE=os.path.join(_caches, "datasets"),
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_DATASETS_DISABLE_PROGRESS_BARS="1",
)


class Broken(Exception):
    """A promise of the output that does not hold."""


def require(holds, message):
    # Not `assert`, which `python -O` takes out.
    if not holds:
        raise Broken(message)


@contextlib.contextmanager
def check(name):
    try:
        yield
    except Exception as error:
        # A client's own exception needs its trace; ours says all there is to say.
        if not isinstance(error, Broken):
            traceback.print_exc()
        sys.stdout.flush()
        print(f"FAIL {name}: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"ok {name}")


@contextlib.contextmanager
def refused(name, *kinds):
    """A check that what is bad on purpose raises one of `kinds`: it shows that the others can fail."""
    with check(name):
        try:
            yield
        except kinds:
            return
        raise Broken("it is accepted")
