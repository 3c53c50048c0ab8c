"""The shop's endpoints, one module per thing they are about."""
