"""SOAP 1.2 with WS-Addressing and a user name token: PREG's own service."""
