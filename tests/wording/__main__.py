"""Print wording faults, and exit with 1 if a file has more of them than before.

    python -m tests.wording            # print the faults of files that have too many
    python -m tests.wording --all      # print all faults
    python -m tests.wording --update   # record the current numbers, which may only fall

known_faults.txt has the number of faults that each older file still has. A file that isn't
listed may have none.
"""

import sys

from .check import check_all
from .known import excess, record

faults = check_all()
if "--update" in sys.argv:
    record(faults)
shown = faults if "--all" in sys.argv else excess(faults)
print(*shown, sep="\n")
sys.exit("The rules are in docs/wording.md" if excess(faults) else 0)
