"""Our clients beside the libraries' own: every visible difference is a failure."""
