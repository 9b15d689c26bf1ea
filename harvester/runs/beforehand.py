"""What every crawl needs, imported once by the interpreter that crawls are forked from (see harvester.runs.child)."""

import gc
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules

from harvester.normalize.detect import language_of, prepare

for _name in ("harvester.runs.child", "harvester.scrapy_process", "harvester.normalize", "pipelines"):
    for _inner in iter_modules(getattr(import_module(_name), "__path__", ()), f"{_name}."):
        import_module(_inner.name)
for _inner in iter_modules(import_module("spiders").__path__, "spiders."):
    with suppress(Exception):  # the crawl that asks for it says what is wrong with it, and others go on
        import_module(_inner.name)
for _late in (  # what libraries import when a crawl begins: each fork would do so anew
    *(f"scrapy.{name}" for name in ("dupefilters", "logformatter", "pqueues", "squeues", "statscollectors")),
    *(f"scrapy.extensions.{name}" for name in ("corestats", "logcount")),
    *("scrapy.spidermiddlewares.httperror", "scrapy.downloadermiddlewares.httpcompression"),
    *("gitlab.v4.objects", "babel.dates"),
):
    with suppress(ImportError):
        import_module(_late)
prepare()
language_of("The town counts its trees, and everybody may read when each was planted and who looks after it.")
gc.collect()
gc.freeze()  # or each fork would copy the pages that its collector of garbage looks at
