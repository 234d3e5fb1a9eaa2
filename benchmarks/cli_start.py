"""How long `mlops-iac --help` takes beside `python -c "import typer"`, in one run.

Prints `cli_start ratio=… ours=… other=… unit=s`: the fastest of several runs of each, taken in
turns so that a busy machine slows both. `--quick` takes fewer.
"""

import subprocess
import sys
import time

HELP = "import sys; sys.argv = ['x', '--help']; from mlops_iac.cli.main import main; main()"
OURS = [sys.executable, "-c", HELP]
OTHER = [sys.executable, "-c", "import typer"]
RUNS, QUICK_RUNS = 20, 5


def seconds(command: list[str]) -> float:
    """Return how long a process takes from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure both and print one line."""
    runs = QUICK_RUNS if "--quick" in sys.argv else RUNS
    pairs = [(seconds(OURS), seconds(OTHER)) for _ in range(runs)]
    ours, other = (min(column) for column in zip(*pairs, strict=True))
    print(f"cli_start ratio={ours / other:.2f} ours={ours:.3f} other={other:.3f} unit=s")


if __name__ == "__main__":
    main()
