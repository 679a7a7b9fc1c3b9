"""What the test servers of the sources share: TLS, keys, and misbehaviour."""
