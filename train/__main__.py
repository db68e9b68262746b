"""`python train VERB ...` from a bare clone: puts this folder on the import path and runs the command line."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from spinscope.cli import main

if __name__ == "__main__":
    main()
