"""Many operations in one call, on a node that records every write."""

include "runs.pxi"
