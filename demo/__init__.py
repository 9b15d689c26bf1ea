"""A small civic web about real tools, for trying the harvester out."""

import sys
from importlib import import_module

# Sites that were written for the simulators while these stood here go on importing them by their former names.
for _name in ("exchange", "github_store", "gitlab_store", "forgejo_store", "sim_github", "sim_gitlab", "sim_forgejo"):
    sys.modules[f"{__name__}.{_name}"] = import_module(f"simulators.{_name}")
