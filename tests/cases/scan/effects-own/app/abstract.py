from collections import abc
import copyreg


class Kind: ...


abc.Mapping.register(Kind)
copyreg.pickle(Kind, repr)
