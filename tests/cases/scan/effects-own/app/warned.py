import warnings


class Old(DeprecationWarning): ...


Alias = Old
warnings.filterwarnings('default', category=Alias)
