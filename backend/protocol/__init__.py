"""What is said over a connection: commands, messages and binary frames."""
