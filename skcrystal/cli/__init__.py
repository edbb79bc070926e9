"""The command line, for people who do not write Python: one file a command."""
