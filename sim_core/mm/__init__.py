"""The zone itself, compiled: .pxd files of inline functions and the one unit that holds them."""
