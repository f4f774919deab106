"""The commands: each a module with ``run(args, settings)``. cli.py knows their names and arguments."""
