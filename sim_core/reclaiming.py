"""What a node has beside its zones: CPUs, kswapd, the OOM killer, min_free_kbytes; and the words
for a request that had to reclaim.
"""

from dataclasses import replace

from sim_core.config import MIN_FREE_KBYTES_MAX
from sim_core.errors import RefusedError
from sim_core.explaining import Explaining
from sim_core.mm import _read
from sim_core.narration import errno_name
from sim_core.outcome import Outcome


class Reclaiming(Explaining):
    """The verbs of a node, and words for the outcome of a request."""

    def run_on(self, cpu: int) -> Outcome:
        """What a person does from here on runs on this CPU, whose pcp lists it uses."""
        with self._journaled("run_on", cpu):
            return self._outcome(self.node.run_on(cpu))

    def kswapd_step(self) -> Outcome:
        """Let kswapd take one step, if it is awake."""
        awake = self.node_numbers()["kswapd_awake"]
        before = self._lru_pages()
        with self._journaled("kswapd_step"):
            ret = self.node.kswapd_step()
        numbers = self.node_numbers()
        words = [f"{before - self._lru_pages()} pages reclaimed"]
        if not awake:
            words = ["kswapd is asleep"]
        elif not numbers["kswapd_awake"]:
            words.append("kswapd falls asleep")
        given_up = [
            span.zone
            for slot, span in enumerate(self.config.spans)
            if self.zone_summary(slot)["given_up"]
        ]
        if awake and given_up:
            words.append(f"given up: {', '.join(given_up)}")
        return replace(self._outcome(ret), words=(self.stopped or "; ".join(words),))

    def _lru_pages(self) -> int:
        stats = self._stats()
        return stats["lru_file"] + stats["lru_anon"]

    def oom_kill(self) -> Outcome:
        """End the process that holds most pages, as out_of_memory does."""
        before = self._stats()["allocated"]
        with self._journaled("oom_kill"):
            ret = self.node.oom_kill()
        victim = self.node_numbers()["oom_victim"]
        freed = before - self._stats()["allocated"]
        words = f"process {victim} is killed, {freed} pages come back"
        return replace(self._outcome(ret), words=(self.stopped or words,))

    def write_min_free_kbytes(self, kbytes: int) -> Outcome:
        """Write /proc/sys/vm/min_free_kbytes: watermarks, RESERVE blocks, pcp sizes follow."""
        if not 0 <= kbytes <= MIN_FREE_KBYTES_MAX:
            raise RefusedError(
                f"kbytes is {kbytes}", field="kbytes", allowed=f"0 … {MIN_FREE_KBYTES_MAX}"
            )
        with self._journaled("write_min_free_kbytes", kbytes):
            ret = self.node.write_min_free_kbytes(kbytes)
        words = tuple(
            f"{span.zone}: MIN {least}, LOW {low}, HIGH {high}"
            for slot, span in enumerate(self.config.spans)
            for least, low, high in [_read.watermarks(self.node, slot)]
        )
        return replace(self._outcome(ret), words=words)

    # ---- how a request went ----

    def _how_it_went(self) -> tuple[str, ...]:
        """What the last request had to go through, if it did not get its page at once."""
        numbers = self.node_numbers()
        turns = numbers["turns"]
        if not self.config.whole or not turns:
            return ()
        awake = "awake" if numbers["kswapd_awake"] else "asleep"
        return (
            f"it took {turns} turn{'s' if turns > 1 else ''} of the slow path; kswapd is {awake}",
        )

    def _no_page(self, how: tuple[str, ...]) -> Outcome:
        bug = self.stopped
        if bug:
            return Outcome(self.op, "ENOMEM", "ENOMEM", words=(bug, *how), bug=bug)
        if not self.config.whole:
            return Outcome(self.op, "ENOMEM", "ENOMEM", words=("no list can serve this request",))
        if _read.VERDICTS[self.node_numbers()["verdict"]] == "LIVELOCK":
            return Outcome(self.op, "HANGS", "HANGS", words=(self._livelock(), *how))
        return Outcome(
            self.op, "ENOMEM", "ENOMEM", words=("no zone that it may take from has a page", *how)
        )

    def _livelock(self) -> str:
        """Who sleeps, who loops, what number fooled them."""
        fooled = []
        for slot, span in enumerate(self.config.spans):
            zone = self.zone_summary(slot)
            if zone["free_safe"] > zone["watermark_low"] and zone["usable"] < zone["free_safe"]:
                fooled.append(
                    f"{span.zone} counts {zone['free_safe']} pages free and can give "
                    f"{zone['usable']}"
                )
        kswapd = "awake and changes nothing" if self.node_numbers()["kswapd_awake"] else "asleep"
        because = f": {'; '.join(fooled)}" if fooled else ""
        return (
            "livelock: the request loops in direct reclaim for ever, nothing is freed, "
            f"kswapd is {kswapd}{because}"
        )

    def _outcome(self, ret: int) -> Outcome:
        name = errno_name(ret)
        bug = self.stopped
        words = (bug,) if bug else ()
        return Outcome(self.op, name or ret, name, words=words, bug=bug)
