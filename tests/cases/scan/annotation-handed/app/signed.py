from __future__ import annotations

import inspect
import zipfile


def signed(archive: zipfile.ZipFile): ...


SIGNATURE = inspect.signature(signed, eval_str=True)
