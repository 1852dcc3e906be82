"""Words for made-up data. No person, company or address here is real; domains are reserved (RFC 2606)."""

from __future__ import annotations


def _words(text: str, between: str = " ") -> tuple[str, ...]:
    return tuple(text.split(between))


FIRST = _words(
    "Ada Alan Amara Anouk Björn Carlos Chidi Clara Dana Dmitri Elif Emeka Fatima Finn Grace Hana Hugo Ines Ivan "
    "Jada Jonas Kai Kofi Leila Linus Łucja Marta Mateo Mei Nadia Noor Olga Oskar Priya Quinn Rafael Rosa Sam "
    "Sofía Tariq Thea Uma Victor Wanda Xin Yara Yusuf Zoë"
)
LAST = _words(
    "Abara Adler Baker Berg Castillo Chen Costa Dahl Diaz Eze Fischer Fontaine Garcia Green Haddad Hansen Ito "
    "Ivanova Jensen Kaya Kim Kowalska Lopez Lund Marino Mbeki Meyer Moreau Nakamura Novak Okafor Olsen Park "
    "Petrov Quist Rao Rossi Sato Schmidt Silva Singh Tanaka Toure Ueda Vega Weber Yilmaz Zhang"
)
PLACES = _words(
    "Alder Amber Beacon Birch Cedar Cobalt Copper Delta Ember Falcon Fjord Garnet Harbor Hazel Indigo Juniper "
    "Kestrel Lantern Maple Meridian Nimbus Onyx Orchard Pine Quartz Raven Saffron Summit Tidal Willow"
)
TRADES = _words("Analytics Freight Foods Health Labs Logistics Media Partners Robotics Systems Textiles Works")
QUALITIES = _words(
    "annual basic broken central daily early fast final global hidden internal joint late legacy local manual "
    "missing mobile monthly new open partial pending public quarterly regional shared weekly"
)
THINGS = _words(
    "audit backlog budget campaign checklist churn dashboard dataset deadline export forecast funnel handover "
    "import inventory invoice ledger metric onboarding pipeline refund release report retention roadmap schema "
    "survey sync template warehouse"
)
DOINGS = _words(
    "needs a second look|is ready for review|should wait for finance|moved to next week|has no owner yet|"
    "was agreed with the customer|does not match the numbers|can be closed|is blocked by the vendor|"
    "covers every region|went out this morning|keeps failing at night",
    "|",
)


REGIONS = _words("Nordic Iberia Pacific Atlantic Central Alpine Baltic Adriatic Gulf Andes Sahara Delta")
CITIES = _words(
    "Lisbon|Oslo|Nairobi|Montreal|Osaka|Tallinn|Accra|Porto|Ghent|Bergen|Austin|Leeds|Lyon|Split|Cork|Graz", "|"
)
COUNTRIES = _words(
    "Portugal|Norway|Kenya|Canada|Japan|Estonia|Ghana|Portugal|Belgium|Norway|United States|United Kingdom|France|"
    "Croatia|Ireland|Austria",
    "|",
)
"""Where each of the cities is."""
INDUSTRIES = _words("Retail|Logistics|Healthcare|Energy|Education|Finance|Media|Manufacturing|Travel|Software", "|")
JOBS = _words(
    "Head of Operations|Data Analyst|Finance Director|Account Manager|Product Lead|Chief of Staff|Support Engineer|"
    "Marketing Manager|Procurement Officer|Controller",
    "|",
)
INDUSTRY_CODES = _words(
    "RETAIL LOGISTICS_AND_SUPPLY_CHAIN HOSPITAL_HEALTH_CARE OIL_ENERGY EDUCATION_MANAGEMENT FINANCIAL_SERVICES "
    "MEDIA_PRODUCTION MACHINERY LEISURE_TRAVEL_TOURISM COMPUTER_SOFTWARE"
)
"""The industries as HubSpot writes them."""
STAGES = _words("Qualification|Needs Analysis|Proposal|Negotiation|Closed Won|Closed Lost", "|")
STAGE_CODES = _words(
    "appointmentscheduled qualifiedtobuy presentationscheduled contractsent closedwon closedlost",
)
"""The stages of deals as HubSpot's default pipeline has them."""
STAGE_CHANCES = _words("0.2 0.4 0.6 0.9 1.0 0.0")
"""How likely HubSpot takes a deal in each stage to be won."""
STAGE_PERCENTS = (10, 20, 75, 90, 100, 0)
"""How likely Salesforce takes it to be, in per cent."""


def person(number: int) -> tuple[str, str]:
    """First and last name."""
    return FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]


def company(number: int) -> str:
    """A company's name."""
    return f"{PLACES[number % len(PLACES)]} {TRADES[number // len(PLACES) % len(TRADES)]}"


def title(number: int) -> str:
    """Two words that name a thing: `Quarterly Forecast`."""
    quality, thing = QUALITIES[number % len(QUALITIES)], THINGS[number // len(QUALITIES) % len(THINGS)]
    return f"{quality.capitalize()} {thing}"


def slug(number: int) -> str:
    """A title as an identifier: `quarterly-forecast-17`."""
    return f"{title(number).lower().replace(' ', '-')}-{number // 1000 % 1000}"


def sentence(number: int) -> str:
    """A title and what is to be said of it."""
    return f"{title(number)} {DOINGS[number // 1009 % len(DOINGS)]}."


def plain(word: str) -> str:
    """The word in lower-case ASCII letters."""
    return word.lower().translate(_PLAIN)


_PLAIN = str.maketrans("öłíë", "olie")
