"""A client's app calls, relayed over the wire to a real server. No client library here."""
