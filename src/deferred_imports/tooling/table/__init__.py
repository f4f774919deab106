"""What `[tool.deferred-imports]` may say, and what is wrong with what it says. Read `manifest` first.

Values in, values out: no file is read here. Imports nothing of ours.
"""
