"""Apps that hang, and what is said of each: a table, whole texts compared."""
