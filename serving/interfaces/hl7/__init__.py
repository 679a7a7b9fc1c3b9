"""HL7 v3 over SOAP 1.2: PREG's PersonRegistry."""
