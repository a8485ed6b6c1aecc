"""Why a thing is as it is: who changed it, where a count drifted, in which account a page is."""

from typing import Any, Final

from sim_core.breaking import Breaking, Search
from sim_core.errors import RefusedError
from sim_core.lognames import Record
from sim_core.mm import _read, _why
from sim_core.narration import step_of, title_of
from sim_core.subjects import Subject, wanted
from sim_core.vocabulary import MIGRATETYPES

CHANGES_MOST: Final = _why.MOST
_POSTINGS_MOST: Final = 128
_DRIFT_MOST: Final = 64
Weights = tuple[int, int, int, int, bool]
WEIGHTS: Final[dict[str, Weights]] = {
    "I1": (0, 1, -1, -1, True),
    "I1x": (0, 1, 0, -1, True),
    "I2": (1, -1, 0, 0, False),
    "I2x": (-1, 1, -1, 0, False),
    "I3": (1, 0, 0, -1, False),
}
"""Identities that say that a sum is zero: how pages count in it (sim_core/mm/drift.pxd)."""
_BY_TYPE: Final = ("in use", "pcp", "free", "isolated", "stray")
"""Sorts of accounts that know an order and a migratetype; of others both are None."""


class Explaining(Breaking):
    """A lab that can be asked why. Nothing but `go_to_break` moves it."""

    def changes(
        self, subject: Subject, *, before: int | None = None, most: int = CHANGES_MOST
    ) -> dict[str, Any]:
        """The last changes of something, newest first (docs/PROTOCOL.md, section 4.1).

        Args:
            before: what an earlier answer gave, to go on from there; None: from the present on.

        Raises:
            RefusedError: there is nothing of that name.
        """
        ask = wanted(subject, self)
        if ask.derived is not None:
            told = _why.derived_changes(self.node, ask.derived, subject.zone, before, most)
        else:
            told = _why.changes(self.node, ask.kinds, ask.pages, ask.handle, ask.net, before, most)
        found, further, first_op = told
        changes = [
            {
                "op": op,
                "step": step,
                "title": self._title(op),
                "amount": amount if ask.net else None,
                **step_of(record, self.place, self.deciding),
            }
            for op, step, amount, record in found
        ]
        return {
            "changes": changes,
            "cells": self.deciding.decisions(changes),
            "before": further,
            "first_op": first_op,
            "handle": self._handle_at(subject.pfn),
        }

    def _handle_at(self, pfn: int | None) -> int | None:
        """The handle of the chunk in use that begins at a page."""
        if pfn is None:
            return None
        try:
            return int(_read.handle_at(self.node, pfn))
        except RefusedError:
            return None

    def _title(self, op: int) -> str:
        records: list[Record]
        records, _ = _read.op_records(self.node, op, 3)
        return title_of(records, self.place)

    # ---- identities ----

    def drift(self, identity: str, zone: int = 0) -> dict[str, Any]:
        """Every operation that moved the difference of an identity (docs/PROTOCOL.md, section 4.1).

        Raises:
            RefusedError: it has no such difference.
        """
        if identity not in WEIGHTS:
            raise RefusedError(
                f"{identity[:40]} has no sum that drifts",
                field="identity",
                allowed=", ".join(WEIGHTS),
            )
        weights = WEIGHTS[identity]
        moves, count, together = _why.drift(self.node, weights, zone, _DRIFT_MOST)
        return {
            "identity": identity,
            "by_order": weights[4],
            "moves": [{**self._move(move), "title": self._title(move["op"])} for move in moves],
            "count": count,
            "together": self._move(together) if together else None,
            "first_op": _read.log_bounds(self.node)[0],
        }

    @staticmethod
    def _move(move: dict[str, Any]) -> dict[str, Any]:
        lists = {
            mt: chunks
            for mt, chunks in zip(MIGRATETYPES, move["listed"], strict=True)
            if any(chunks)
        }
        return {**move, "listed": lists}

    def go_to_break(self, identity: str, zone: int = 0) -> Search:
        """Go to the write with which an identity first broke that the watch saw, or, of one that is
        not watched, with which it last began to be broken. To be run to its end.

        Raises:
            RefusedError: it is not broken and never was, or there is none of that name.
        """
        if identity not in self.IDENTITIES:
            raise RefusedError(
                "no such identity", field="identity", allowed=", ".join(self.IDENTITIES)
            )
        name = self.config.spans[zone].zone if self.config.whole else None
        text = f"{identity.replace('-', '_')}.broken"
        first_op = self.first_broken(identity, zone)
        if first_op:
            yield from self.seek(first_op)
        else:
            stop = yield from self.run_to(text, back=True, zone=name)
            if not stop.found:
                raise RefusedError(f"{identity} is not broken", field="identity")
        return (yield from self.run_to(text, back=True, steps=True, zone=name))

    def first_broken(self, identity: str, zone: int = 0) -> int:
        """The operation with which the watch saw an identity break first; 0: it did not."""
        first: list[int] = _read.watched(self.node, zone)[1]
        at = self.IDENTITIES.index(identity)
        return first[at] if at < len(first) else 0

    # ---- the ledger ----

    def ledger(self, zone: int = 0) -> dict[str, Any]:
        """Every page in exactly one account, and what the operation at hand moved
        (docs/PROTOCOL.md, section 4.2).
        """
        balance = _why.balance(self.node, zone)
        op, count = self.op, 0
        postings: list[tuple[int, Record, _why.Key, _why.Key, int]] = []
        moved: dict[_why.Key, int] = {}
        told = self._told_of(op)
        if told:
            op, postings, count, moved = _why.postings(self.node, zone, _POSTINGS_MOST)
        accounts = sorted(balance.keys() | moved.keys())
        told_postings = [
            {
                "step": step,
                **step_of(record, self.place, self.deciding),
                "from": self._account(debit),
                "to": self._account(credit),
                "pages": pages,
            }
            for step, record, debit, credit, pages in postings
        ]
        return {
            "op": op,
            "title": self._title(op) if told else None,
            "accounts": [
                {**self._account(key), "pages": balance.get(key, 0), "moved": moved.get(key, 0)}
                for key in accounts
            ],
            "postings": told_postings,
            "cells": self.deciding.decisions(told_postings),
            "count": count,
            "spanned": self.config.spans[zone].spanned_pages,
            "claims": self._claims(zone),
        }

    def _told_of(self, op: int) -> bool:
        first, last, _ = _read.log_bounds(self.node)
        return 0 < first <= op <= last

    @staticmethod
    def _account(key: tuple[int, int, int]) -> dict[str, Any]:
        sort = _why.SORT_NAMES[key[0]]
        typed = sort in _BY_TYPE
        return {
            "sort": sort,
            "order": key[1] if typed else None,
            "migratetype": MIGRATETYPES[key[2]] if typed else None,
        }

    def _claims(self, zone: int) -> list[dict[str, Any]]:
        """What the kernel's counters say, beside what they mean to count under this model."""
        counters, lists = self.counters(zone), self.lists(zone)
        aims = self.row.aims
        isolated_too = "I1" in aims
        every = {mt: chunks for mt, chunks in lists.items() if isolated_too or mt != "ISOLATE"}
        by_order = [sum(chunks) for chunks in zip(*every.values(), strict=True)]
        usable = "I3" in aims or "I2x" in aims
        claims = [
            {
                "counter": "NR_FREE_PAGES",
                "order": None,
                "claimed": counters["nr_free_pages"],
                "real": counters["usable"] if usable else counters["listed"],
                "counts": "usable" if usable else "listed",
                "identity": "I3" if "I3" in aims else "I2x" if "I2x" in aims else "I2",
            }
        ]
        for order, (claimed, real) in enumerate(zip(self.nr_free(zone), by_order, strict=True)):
            claims.append(
                {
                    "counter": "nr_free",
                    "order": order,
                    "claimed": claimed,
                    "real": real,
                    "counts": "listed" if isolated_too else "usable",
                    "identity": "I1" if isolated_too else "I1x",
                }
            )
        return claims
