"""Starting a program in a child process, and what it loads while it starts. Read `launch` first, then `running`.

All that start something stand on this: the same words mean the same program, from the same copy, in the same
environment, and it fails in the same words.
"""
