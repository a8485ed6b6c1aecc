"""Many operations in one call, on a node that records nothing."""

include "runs.pxi"
