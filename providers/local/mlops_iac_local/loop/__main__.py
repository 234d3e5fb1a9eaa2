"""`python -m mlops_iac_local.loop ROOT`: the loop of a stack, until it is told to end."""

import os
import sys
from pathlib import Path

from mlops_iac_local.layout import Layout
from mlops_iac_local.loop.process import Loop

if __name__ == "__main__":
    os.umask(0o077)
    Loop(Layout(Path(sys.argv[1]))).run()
