from .circle import registry as again
from .circle import again as registry

one = two
two = one
again.np
registry.pd
one.np
