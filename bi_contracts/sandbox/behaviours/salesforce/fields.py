"""What the name of a field says of it: its type, its length, where it leads to, who writes it.

Source: developer.salesforce.com, Object Reference (standard objects).
"""

from __future__ import annotations

import re

from ....paths import Json


def targets(field: str, owner: str) -> tuple[str, ...]:
    """The objects that a reference may lead to; those that the org has not lead to nothing."""
    if field in ("ParentId", "MasterRecordId"):
        return (owner,)
    return _TARGETS.get(field, (field.removesuffix("Id"),))


_TARGETS = {
    "OwnerId": ("User",),
    "CreatedById": ("User",),
    "LastModifiedById": ("User",),
    "ManagerId": ("User",),
    "ReportsToId": ("Contact",),
    "WhoId": ("Contact", "Lead"),
    "WhatId": ("Account", "Case", "Opportunity"),
    "ConvertedAccountId": ("Account",),
    "ConvertedContactId": ("Contact",),
    "ConvertedOpportunityId": ("Opportunity",),
    "RecurrenceActivityId": ("Task",),
    "LastAmountChangedHistoryId": ("OpportunityHistory",),
    "LastCloseDateChangedHistoryId": ("OpportunityHistory",),
}


def kind_of(name: str, value: Json) -> str:
    """The type of a field, from its name, and from an example where there is one."""
    if name == "Id":
        return "id"
    if name.endswith("Id") and not name.startswith("Jigsaw"):
        return "reference"
    if isinstance(value, bool):
        return "boolean"
    for kind, pattern in _KINDS.items():
        if pattern.search(name):
            return kind
    return "string"


_KINDS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "address": r"Address$",
        "date": r"^(LastActivityDate|CloseDate|ActivityDate|Birthdate|ConvertedDate)$|DateOnly$",
        "datetime": r"Date(Time)?$|^SystemModstamp$",
        "percent": r"^Probability$",
        "currency": r"Amount$|Revenue$",
        "int": r"^(NumberOfEmployees|FiscalYear|FiscalQuarter|CallDurationInSeconds|RecurrenceInterval)$",
        "double": r"Latitude$|Longitude$|^TotalOpportunityQuantity$",
        "email": r"Email$",
        "phone": r"Phone$|^Fax$|ContactMobile$|ContactFax$",
        "url": r"^Website$|Url$",
        "textarea": r"^Description$|^Comments$|Street$",
        "picklist": (
            r"^(Industry|Type|Rating|Ownership|AccountSource|CleanStatus|LeadSource|StageName|Status|Priority|Origin|"
            r"Reason|Salutation|TaskSubtype|CallType|RecurrenceType|RecurrenceRegeneratedType|UserType|"
            r"EmailEncodingKey)$|GeocodeAccuracy$|SidKey$|^ForecastCategory|^LanguageLocaleKey$"
        ),
    }.items()
}

TEXTS = frozenset({"id", "reference", "string", "email", "phone", "url", "textarea", "picklist"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})

LONG = frozenset({"Description", "Comments"})
"""Long texts: no condition and no order can be about them."""

LENGTHS = {"string": 255, "email": 80, "phone": 40, "url": 255, "textarea": 255, "picklist": 255}
SHORTER = {
    **dict.fromkeys(("YearStarted",), 4),
    **dict.fromkeys(("Fiscal",), 6),
    **dict.fromkeys(("NaicsCode",), 8),
    **dict.fromkeys(("DunsNumber", "CompanyDunsNumber"), 9),
    **dict.fromkeys(("PostalCode", "Sic", "TickerSymbol", "Jigsaw", "JigsawCompanyId", "JigsawContactId"), 20),
    **dict.fromkeys(
        (
            "FirstName",
            "AssistantName",
            "AccountNumber",
            "City",
            "Salutation",
            "GeocodeAccuracy",
            "CleanStatus",
            "ForecastCategory",
        ),
        40,
    ),
    **dict.fromkeys(("LastName", "Department", "State", "Country", "Site", "SicDesc"), 80),
    **dict.fromkeys(("NaicsDesc",), 120),
    **dict.fromkeys(("Title",), 128),
}
"""Most characters that a text takes, where that is less than its type's."""

SCALES = {"Amount": 2, "ExpectedRevenue": 2, "TotalOpportunityQuantity": 2}
"""Digits behind the point, where they differ from the type's."""

AUDIT = frozenset(
    {
        *("Id", "IsDeleted", "MasterRecordId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"),
        *("SystemModstamp", "LastActivityDate", "LastViewedDate", "LastReferencedDate", "PhotoUrl", "CaseNumber"),
        *("IsClosed", "IsWon", "ClosedDate", "ExpectedRevenue", "FiscalYear", "FiscalQuarter", "Fiscal", "IsConverted"),
        *("BillingAddress", "ShippingAddress", "MailingAddress", "OtherAddress", "Address", "ContactEmail"),
        *("ContactPhone", "ContactMobile", "ContactFax", "IsEmailBounced", "LastLoginDate", "LastPasswordChangeDate"),
        *("JigsawCompanyId", "JigsawContactId", "LastCURequestDate", "LastCUUpdateDate", "ConvertedDate"),
        *("ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "ForecastCategory"),
        *("HasOpportunityLineItem", "HasOpenActivity", "HasOverdueTask", "LastStageChangeDate"),
        *("LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId"),
    }
)
"""Fields that only the platform writes."""
