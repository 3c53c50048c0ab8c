"""What users do with a client, whichever library it is of: the same files pass on all of them."""
