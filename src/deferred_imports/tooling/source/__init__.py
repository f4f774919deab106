"""What one source file says about its imports, by its syntax alone. Read `imports` first.

Words that mean one thing in this room and above it:

chain    a name and the attributes read from it: `np.linalg.norm` is the chain `("np", "linalg", "norm")`
mention  one place in a source that uses a name which an import binds
role     what such a place does with it: a base class, a decorator, a call inside a function ...
place    where a statement stands, and so when it runs: with its module, in a function, never, natively lazy
owner    the function, or the class, that a mention stands in
reader   what may evaluate an annotation: a decorator, a base class, a call
guard    the condition about platform or version under which a statement is reached, as a marker
"""
