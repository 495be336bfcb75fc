"""The front: Envoy terminates TLS for both endpoints; here is all it is told, and how."""
