"""`tenfold up`: everything on this machine with one command, and everything stopped with one key."""
