"""A Gogs repository as harvester.forges keeps it (format "gogs"): Forgejo's form, of which it fills less."""

from __future__ import annotations

from harvester.model import RawItem, Reading
from harvester.normalize.forge_parts import read_repository
from harvester.normalize.forgejo import told
from harvester.normalize.readers import reads


@reads("gogs", version=2, of_forge=True)
def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that the repository holds."""
    return read_repository(raw, read.name, told)
