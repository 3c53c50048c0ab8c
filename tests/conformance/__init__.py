"""The same scenarios on our engine and on real servers: what app and client see is compared."""
