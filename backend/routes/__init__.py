"""HTTP and websocket routes; they hold no state of their own."""
