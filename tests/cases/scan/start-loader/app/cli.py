import importlib.util
import pkgutil
import sys

import app.plugins

for info in pkgutil.iter_modules(app.plugins.__path__):
    path = f"{app.plugins.__path__[0]}/{info.name}.py"
    spec = importlib.util.spec_from_file_location("app.plugins." + info.name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
