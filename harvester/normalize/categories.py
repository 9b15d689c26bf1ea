"""From publiccode.yml's categories to our use cases, where one certainly means the other."""

from __future__ import annotations

from collections.abc import Iterable

_BACK_OFFICE = (
    "accounting agile-project-management applicant-tracking billing-and-invoicing business-process-management"
    " case-management contact-management crm customer-service-and-support document-management employee-management erp"
    " enterprise-project-management facility-management fleet-management grant-management help-desk hr"
    " inventory-management it-asset-management it-service-management office payroll procurement-management"
    " productivity-suite project-management resource-management task-management time-management time-tracking"
    " warehouse-management workflow-management"
)
USE_CASE_OF = {
    **dict.fromkeys(_BACK_OFFICE.split(), "back-office"),
    "appointment-scheduling": "forms-and-procedures",
    "budgeting": "budget-and-procurement",
    "civic-engagement": "consultation",
    "content-management": "website-and-design",
    "data-analytics": "data-tools",
    "data-collection": "data-tools",
    "data-visualization": "data-tools",
    "design-system": "website-and-design",
    "e-signature": "digital-identity",
    "emergency-response": "emergency-response",
    "financial-reporting": "budget-and-procurement",
    "geographic-information-systems": "mapping",
    "government-websites": "website-and-design",
    "identity-management": "digital-identity",
    "online-booking": "forms-and-procedures",
    "online-community": "deliberation",
    "procurement": "budget-and-procurement",
    "survey": "consultation",
    "voting": "election-monitoring",
    "website-builder": "website-and-design",
    "whistleblowing": "transparency-monitoring",
}
"""Category code to use case code."""


def use_cases_of(categories: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(use case, the category that means it), each use case once."""
    found: dict[str, str] = {}
    for category in categories:
        use_case = USE_CASE_OF.get(category)
        if use_case is not None:
            found.setdefault(use_case, category)
    return tuple(found.items())
