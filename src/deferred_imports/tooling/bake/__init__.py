"""Puts the registry into a finished wheel, in one way for hook, backend and command. Read `bake` first."""
