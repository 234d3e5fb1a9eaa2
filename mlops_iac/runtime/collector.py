"""Python's garbage collector, made to suit programs that import much and live shortly."""

import atexit
import gc

# New objects before each generation is looked at; Python's own are 700, 10, 10. The million objects
# that importing mlflow, pandas and sklearn makes are looked at again and again, and are no garbage.
_THRESHOLDS = 50_000, 20, 100


def spare() -> None:
    """Collect seldom, and not at the end, when the system takes back everything at once.

    Importing mlflow and sklearn and ending took 2.5 to 2.7 s of processor time, and takes 2.0 to
    2.1 s so. Cycles of garbage are still found, later. https://docs.python.org/3/library/gc.html
    """
    gc.set_threshold(*_THRESHOLDS)
    atexit.register(gc.freeze)
