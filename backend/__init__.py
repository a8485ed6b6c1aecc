"""The service: sessions that each own a lab, and the HTTP and websocket routes to them."""
