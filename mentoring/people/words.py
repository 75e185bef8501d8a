"""Words of HR systems for what we keep as a choice: status, management level, time zone."""

import re
import zoneinfo
from functools import cache

from django.utils.translation import gettext as _

from mentoring.enums import PersonStatus
from mentoring.exchange.columns import clean_text
from mentoring.exchange.headings import folded
from mentoring.exchange.refusals import BadValue

ACTIVE_WORDS = (
    "active, a, current, employed, employee, full time, fulltime, part time, parttime, regular, "
    "permanent, contract, contractor, temporary, temp, intern, internship, trainee, apprentice, on "
    "leave, leave, leave of absence, loa, paid leave, unpaid leave, parental leave, maternity leave, on "
    "probation, probation, onboarding, suspended, full time regular, part time regular, active "
    "assignment, suspended assignment, inactive payroll eligible, dormant, freelancer, seasonal, 1, 3, "
    "yes, y, true, aktiv, angestellt, vollzeit, teilzeit, befristet, unbefristet, elternzeit, "
    "probezeit, actif, active f, en poste, temps plein, temps partiel, cdi, cdd, en conge, activo, "
    "activa, attivo, attiva, actief, ativo, ativa, alta, en activo, in servizio, in forza, in dienst, "
    "wahr, ja, vrai, oui, verdadero, si, s, verdadeiro, sim, vero, waar, j, on, enabled, beurlaubt, "
    "teilzeit unbefristet, tempo pieno, tempo parziale, indefinido, temporal, en suspension, full time "
    "permanent, fixed term, fixed term contract, new hire, pre start, prehire, rehired, hired, working, "
    "in service, garden leave, sabbatical, furlough, furloughed, secondment, apprenticeship"
)
LEFT_WORDS = (
    "terminated, term, t, left, leaver, inactive, former, former employee, ex employee, resigned, "
    "retired, deceased, dismissed, separated, discharged, withdrawn, offboarded, quit, not active, no "
    "longer employed, inactive assignment, terminate assignment, voluntary termination, involuntary "
    "termination, 0, no, n, false, ausgeschieden, inaktiv, ausgetreten, gekundigt, beendet, im "
    "ruhestand, inactif, inactive f, sorti, parti, quitte, retraite, inactivo, baja, cessato, inattivo, "
    "inattiva, dimesso, dimessa, desligado, desligada, inativo, inativa, demitido, demitida, "
    "aposentado, uit dienst, inactief, pensioen, falsch, nein, faux, non, falso, onwaar, nee, nao, off, "
    "disabled, rente, pensioniert, verstorben, demissionnaire, licencie, licenciee, jubilado, jubilada, "
    "despedido, despedida, termination, terminated voluntary, terminated involuntary, voluntarily "
    "terminated, terminated for cause, separation, redundant, made redundant, laid off, end of "
    "contract, contract ended, ex"
)
STATUS = dict.fromkeys(
    (folded(w) for w in ACTIVE_WORDS.split(", ")), PersonStatus.ACTIVE.value
) | dict.fromkeys((folded(w) for w in LEFT_WORDS.split(", ")), PersonStatus.LEFT.value)

SUFFIXES = frozenset(
    ["jr", "sr", "jnr", "snr", "ii", "iii", "iv", "phd", "mba", "esq", "cpa", "pmp", "cfa", "obe", "mbe"]
)
# How systems write that somebody answers to nobody.
NO_MANAGER = frozenset(
    [
        "", "no manager", "none", "null", "n a", "na", "nil", "nobody", "not applicable", "no supervisor",
        "unassigned", "vacant", "0", "keine", "keiner", "kein vorgesetzter", "entfallt", "aucun", "aucune",
        "sans objet", "ninguno", "ninguna", "no aplica", "nessuno", "nenhum", "geen",
    ]
)  # fmt: skip

WINDOWS_ZONES = {
    "GMT Standard Time": "Europe/London",
    "Greenwich Standard Time": "Africa/Abidjan",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Paris",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw",
    "E. Europe Standard Time": "Europe/Chisinau",
    "FLE Standard Time": "Europe/Kyiv",
    "GTB Standard Time": "Europe/Bucharest",
    "Turkey Standard Time": "Europe/Istanbul",
    "Russian Standard Time": "Europe/Moscow",
    "Israel Standard Time": "Asia/Jerusalem",
    "Arabian Standard Time": "Asia/Dubai",
    "Arab Standard Time": "Asia/Riyadh",
    "South Africa Standard Time": "Africa/Johannesburg",
    "Egypt Standard Time": "Africa/Cairo",
    "E. Africa Standard Time": "Africa/Nairobi",
    "W. Central Africa Standard Time": "Africa/Lagos",
    "Pakistan Standard Time": "Asia/Karachi",
    "India Standard Time": "Asia/Kolkata",
    "SE Asia Standard Time": "Asia/Bangkok",
    "China Standard Time": "Asia/Shanghai",
    "Singapore Standard Time": "Asia/Singapore",
    "Taipei Standard Time": "Asia/Taipei",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Korea Standard Time": "Asia/Seoul",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "W. Australia Standard Time": "Australia/Perth",
    "New Zealand Standard Time": "Pacific/Auckland",
    "Eastern Standard Time": "America/New_York",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "US Mountain Standard Time": "America/Phoenix",
    "Pacific Standard Time": "America/Los_Angeles",
    "Atlantic Standard Time": "America/Halifax",
    "E. South America Standard Time": "America/Sao_Paulo",
    "Argentina Standard Time": "America/Buenos_Aires",
    "SA Pacific Standard Time": "America/Bogota",
    "Central Standard Time (Mexico)": "America/Mexico_City",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "UTC": "UTC",
}
# Cities with people but without a time zone of their own name.
CITIES = {
    "America/New_York": "Boston, Washington, Washington DC, Philadelphia, Atlanta, Miami, "
    "Charlotte, Pittsburgh, "
    "Orlando, Raleigh, Jersey City, Tampa, Cleveland, Columbus",
    "America/Chicago": "Austin, Dallas, Houston, Minneapolis, St Louis, Kansas City, Nashville, San Antonio, "
    "Milwaukee, New Orleans",
    "America/Denver": "Salt Lake City, Boulder, Albuquerque",
    "America/Los_Angeles": "San Francisco, Seattle, San Diego, San Jose, Portland, Palo Alto, Las Vegas, "
    "Mountain View, Oakland, Sacramento",
    "America/Toronto": "Ottawa, Montreal, Quebec",
    "America/Edmonton": "Calgary",
    "America/Sao_Paulo": "Rio de Janeiro, Campinas, Brasilia, Curitiba",
    "America/Mexico_City": "Guadalajara, Monterrey",
    "Europe/London": "Manchester, Edinburgh, Birmingham, Leeds, Glasgow, Bristol, Cambridge, "
    "Oxford, Belfast, Cardiff, "
    "Reading",
    "Europe/Dublin": "Cork, Galway",
    "Europe/Berlin": "Munich, München, Hamburg, Frankfurt, Cologne, Köln, Stuttgart, Düsseldorf, "
    "Leipzig, Dresden, "
    "Hannover, Nuremberg, Nürnberg, Walldorf",
    "Europe/Zurich": "Zürich, Geneva, Genève, Basel, Bern, Lausanne",
    "Europe/Vienna": "Wien, Graz, Linz, Salzburg",
    "Europe/Paris": "Lyon, Marseille, Toulouse, Lille, Nice, Nantes, Bordeaux, Grenoble",
    "Europe/Brussels": "Antwerp, Ghent, Bruxelles",
    "Europe/Amsterdam": "Rotterdam, The Hague, Utrecht, Eindhoven",
    "Europe/Madrid": "Barcelona, Valencia, Seville, Malaga, Bilbao",
    "Europe/Lisbon": "Porto",
    "Europe/Rome": "Milan, Milano, Turin, Torino, Bologna, Naples, Roma",
    "Europe/Warsaw": "Krakow, Kraków, Wroclaw, Wrocław, Gdansk, Gdańsk, Poznan, Poznań, Lodz, Katowice",
    "Europe/Prague": "Brno, Ostrava, Praha",
    "Europe/Bucharest": "Cluj, Cluj-Napoca, Timisoara, Iasi",
    "Europe/Stockholm": "Gothenburg, Göteborg, Malmö",
    "Europe/Copenhagen": "Aarhus, Odense",
    "Europe/Oslo": "Bergen, Trondheim",
    "Europe/Helsinki": "Espoo, Tampere",
    "Europe/Kyiv": "Kiev, Lviv, Kharkiv",
    "Asia/Kolkata": "Pune, Mumbai, Delhi, New Delhi, Bangalore, Bengaluru, Hyderabad, Chennai, "
    "Gurgaon, Gurugram, "
    "Noida, Ahmedabad",
    "Asia/Shanghai": "Beijing, Shenzhen, Guangzhou, Chengdu, Hangzhou, Suzhou",
    "Asia/Tokyo": "Osaka, Yokohama, Nagoya, Kyoto",
    "Asia/Jerusalem": "Tel Aviv, Haifa, Herzliya",
    "Asia/Dubai": "Abu Dhabi",
    "Asia/Manila": "Cebu, Makati",
    "Asia/Ho_Chi_Minh": "Hanoi, Ho Chi Minh City, Saigon",
    "Australia/Sydney": "Canberra, Newcastle",
    "Pacific/Auckland": "Wellington, Christchurch",
    "Africa/Johannesburg": "Cape Town, Durban, Pretoria",
}
ABBREVIATIONS = {
    "gmt": "Europe/London",
    "cet": "Europe/Berlin",
    "ist": "Asia/Kolkata",
    "est": "America/New_York",
} | {
    "cst": "America/Chicago",
    "mst": "America/Denver",
    "pst": "America/Los_Angeles",
    "et": "America/New_York",
    "ct": "America/Chicago",
    "pt": "America/Los_Angeles",
    "jst": "Asia/Tokyo",
    "sgt": "Asia/Singapore",
    "bst": "Europe/London",
}


def clean_status(value: object) -> str:
    """Blank means: as it is (a new person is active). An unknown word is refused: it might mean a leaver."""
    text = clean_text(value, limit=100)
    if not text:
        return ""
    word = folded(text)
    status = STATUS.get(word)
    if status is None:
        status = (
            STATUS.get(word.split(" ")[0]) if re.match(r"(active|terminated|inactive|leave) ", word) else None
        )
    if status is None:
        raise BadValue(_('is not a known status; use "Active" or "Left"'))
    return status


def clean_level(value: object) -> int | None:
    """A management level as a number: 3, "3", "Level 3", "L3", "M3 - Director"."""
    text = clean_text(value, limit=100)
    if not text:
        return None
    match = re.match(r"[^\W\d_]{0,12}[ .-]?(\d{1,3})(?!\d)", text)
    if match is None:
        raise BadValue(_("has no number; a level is a number such as 3"))
    return int(match[1])


@cache
def _zones() -> dict[str, str]:
    """Every spelling by which a time zone is found: its name, its city, Windows' name."""
    names = {
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix"))
    }
    found = {folded(name.rpartition("/")[2]): name for name in sorted(names, reverse=True)}
    found |= {folded(city): zone for zone, cities in CITIES.items() for city in cities.split(", ")}
    found |= {folded(name): zone for name, zone in WINDOWS_ZONES.items()}
    found |= {folded(name): name for name in names} | ABBREVIATIONS | {"utc": "UTC", "etc utc": "UTC"}
    return found


def clean_time_zone(value: object) -> str:
    """An IANA name, by itself, by Windows' name, or by the city in "(GMT+01:00) Central European Time
    (Berlin)"."""
    text = clean_text(value, limit=120)
    if not text:
        return ""
    zones = _zones()
    candidates = [text, *reversed(re.findall(r"\(([^()]+)\)", text)), *text.rpartition(")")[2].split(",")]
    for candidate in candidates:
        if zone := zones.get(folded(candidate)):
            return zone
    raise BadValue(_('is not a known time zone; use a name such as "Europe/Berlin"'))


def time_zone_of_place(location: str) -> str:
    """The time zone of a city, or "": for rosters that name the place but no time zone."""
    zones = _zones()
    for part in (location, *re.split(r"[,/()|–-]", location)):
        if zone := zones.get(folded(part)) if len(part.strip()) > 3 else None:
            return zone
    return ""
