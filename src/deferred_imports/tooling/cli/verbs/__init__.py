"""A file for each verb of the command, with `add_arguments(parser)` and `run(arguments) -> int`; see `cli`."""
