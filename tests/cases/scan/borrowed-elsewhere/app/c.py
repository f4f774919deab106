from app import renamed

z = renamed
w = z.thing.y
