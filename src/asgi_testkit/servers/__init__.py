"""Real servers on loopback: started, waited for, stopped for certain. No client library here."""
