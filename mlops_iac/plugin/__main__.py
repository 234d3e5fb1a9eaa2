"""`python -m mlops_iac.plugin`, for environments whose console scripts were not installed."""

import sys

from mlops_iac.plugin import main

sys.exit(main())
