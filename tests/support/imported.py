"""Imports what a crawl does and loads the model that tells languages: for the interpreter of `support.apart`."""

import gc
from importlib import import_module
from pkgutil import iter_modules

import pipelines
import spiders
from harvester.normalize.detect import language_of

for _room in (pipelines, spiders):
    for _module in iter_modules(_room.__path__, f"{_room.__name__}."):
        import_module(_module.name)
for _name in ("harvester.runs.child", "harvester.runs.preview", "harvester.scrapy_process", "simulators.web"):
    import_module(_name)
language_of("The town counts its trees, and everybody may read when each was planted and who looks after it.")
gc.collect()
gc.freeze()  # or each fork would copy the pages that its collector of garbage looks at
