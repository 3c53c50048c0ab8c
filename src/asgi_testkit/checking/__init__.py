"""`check`: a battery of requests against any app, without knowing it."""
