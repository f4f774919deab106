"""What runs in other processes, which are not ours: a program that is watched while it starts. Read `start` first.

Each file is run by its path or copied to where the program finds it, never imported by it as a part of this package. So
each imports `sys` and `os` only, which every interpreter has loaded, until the program has ended: whatever more it
loaded would be missing from what the program is seen to load. The tools read constants from here, and nothing else.
"""
