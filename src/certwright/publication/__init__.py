"""What others download in the clear: CA certificates and revocation lists."""
