"""Many operations in one call, on a node that records what each operation was asked and returned."""

include "runs.pxi"
