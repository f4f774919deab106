"""The verb `adopt`: moves a project's imports to where they are used, and proves it. Read `pipeline` first.

Words that mean one thing in this room:

name     what top-level imports of a module bind; all that bind one name move together or stay
move     a name that can move, and the form in which it does
form     how: into *functions*, below `TYPE_CHECKING` (*typing*), to where others take it from (*exports*), or to the
         table, by which functions read the registry (*names*) or Python lets it wait (*native*)
choice   an `if` or `try` at the top that only chooses what names stand for: it moves whole
hot      said of a function that is called often, and of a name that such functions use
offered  said of a name that others read from the module, or that tests replace there: its functions read it from the
         module, and the module imports it when it is first asked for (PEP 562)
"""
