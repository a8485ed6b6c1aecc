"""Soak: random operations under every accounting model, all pages counted after each.

Run on the debug build (`make soak`), where the core counts for itself as well. What an episode
does follows from model, seed and number alone, so that one that breaks can be run again.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from functools import partial
from itertools import count

from sim_core.models import ROWS
from tests.soak.elsewhere import breaks, episode, prefix
from tests.soak.episode import Setting, Tally
from tests.soak.program import words
from tests.soak.shrink import shortest

MILLION = 1_000_000


def main() -> int:
    """Returns: 0, or 1 if anything broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--operations", type=int, default=MILLION, help="of each model")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32), help="of all")
    parser.add_argument("--model", choices=list(ROWS), action="append", help="only this one")
    parser.add_argument("--episode", type=int, help="only the one of this number")
    asked = parser.parse_args()
    print(f"soak: seed {asked.seed}, {asked.operations} operations a model", flush=True)
    failures = 0
    for model in asked.model or ROWS:
        total = Tally()
        numbers = count() if asked.episode is None else iter([asked.episode])
        for number in numbers:
            if total.operations >= asked.operations:
                break
            setting = Setting(model, asked.seed, number)
            wrong = episode(setting, total)
            if wrong is not None:
                report(setting, wrong)
                failures += 1
                break
        print(f"{model}: {summary(total)}", flush=True)
    return 1 if failures else 0


def report(setting: Setting, wrong: str) -> None:
    """All that is needed to see it again."""
    calls = prefix(setting)
    print(f"BROKEN under {setting.model}: {wrong}")
    print(
        f"  again: python -m tests.soak --model {setting.model} --seed {setting.seed}"
        f" --episode {setting.number}"
    )
    print(f"  zone {setting.shape_name}, {'live' if setting.live else 'bare'}: {setting.shape}")
    print(f"  node seed {setting.number + 1}; breaks at call {len(calls)}; of these will do:")
    for call in shortest(calls, partial(breaks, setting)):
        print(f"    {words(call)}")


def summary(total: Tally) -> str:
    made = sum(total.calls.values())
    broken = ", ".join(f"{name} {n}" for name, n in sorted(total.broken.items())) or "none"
    return (
        f"{total.operations} operations in {total.episodes} episodes, {made} calls"
        f" ({total.refused.total()} refused), {total.bugs} BUGs; calls after which an identity"
        f" did not hold: {broken}"
    )


if __name__ == "__main__":
    sys.exit(main())
