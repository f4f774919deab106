from . import table

table.add('name', print)
