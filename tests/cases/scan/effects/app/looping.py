import codecs

for name in ('a', 'b'):
    codecs.register(name)
