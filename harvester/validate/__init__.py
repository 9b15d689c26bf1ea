"""publiccode.yml judged as the official validator judges it: same verdict, same key, same place, and what to do.

Source of the rules: the standard's core schema and the behaviour of italia/publiccode-parser-go, which reads every
version from 0.2 to 0.7 by the rules of 0.7. Pure: what needs other files or the network is in `harvester.external`.
"""

from harvester.validate.report import Finding, Report
from harvester.validate.validator import validate

__all__ = ["Finding", "Report", "validate"]
