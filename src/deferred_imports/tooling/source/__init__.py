"""What one source file says about its imports, by its syntax alone. Read `module` first: it shows the room whole.

Below it stand two readers of one tree. `imports` reads statements (`facts` holds what it finds, `place` when and where
a statement runs, `reads` what expressions read), `names` reads what uses the names that these bind (`mentions` holds
what it finds, `spots` where an expression stands, `collecting` what is bound, `notes` what of all that counts).

Words that mean one thing in this room and above it:

chain    a name and the attributes read from it: `np.linalg.norm` is the chain `("np", "linalg", "norm")`
mention  one place in a source that uses a name which an import binds
role     what such a place does with it: a base class, a decorator, a call inside a function ...
place    where a statement stands (`Standing`), so when it runs: with its module, in a function, never, natively lazy
spot     where an expression stands: its role, and the function and the class around it
owner    the function, or the class, that a mention stands in
reader   what may evaluate an annotation: a decorator, a base class, a call
guard    the condition about platform or version under which a statement is reached, as a marker
"""
