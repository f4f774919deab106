"""The verb `check`: what is declared stays deferred. Read `drift` first, and `startup` for what a start loads."""
