from . import a as renamed
