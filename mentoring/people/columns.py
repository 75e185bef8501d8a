"""The columns of a roster, with what the usual HR systems call them (Workday, BambooHR, SuccessFactors,
Personio,
ADP, Oracle HCM, HiBob, UKG, Rippling; English, German, French)."""

import re
from functools import partial

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentoring.exchange.columns import Column, clean_text
from mentoring.exchange.refusals import BadValue
from mentoring.people.words import clean_level, clean_status, clean_time_zone
from mentoring.rules import check_address

SIMPLE_EMAIL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]{2,})+$"
)
LANGUAGES = {
    "english": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "francais": "fr",
    "spanish": "es",
} | {
    "italian": "it",
    "portuguese": "pt",
    "polish": "pl",
    "dutch": "nl",
}


def clean_email(value: object) -> str:
    """Addresses in lower case: systems and people disagree about capitals."""
    text = clean_text(value, limit=254).lower().removeprefix("mailto:")
    if not text or SIMPLE_EMAIL.match(text):
        return text
    try:
        check_address(text)
    except ValidationError:
        raise BadValue(_("is not an e-mail address")) from None
    return text


def clean_language(value: object) -> str:
    text = clean_text(value, limit=40).replace("_", "-")
    return LANGUAGES.get(text.casefold(), text[:10])


def raw(value: object) -> object:
    """Dates stay as they are until the whole column has shown its format."""
    return value


name_text = partial(clean_text, limit=100)
short_text = partial(clean_text, limit=150)


def column(key: str, label: object, aliases: str, **more: object) -> Column:
    return Column(key, label, tuple(aliases.split("; ")), **more)  # type: ignore[arg-type]


ROSTER = (
    column(
        "employee_id",
        gettext_lazy("Employee ID"),
        "Employee #; Employee Number; Employee No; Worker ID; Person Number; Personnel Number; "
        "Personnel ID; Emp ID; "
        "Staff ID; User ID; Associate ID; Position ID; File Number; EE Number; Employee Code; "
        "Payroll Number; "
        "Global ID; Assignment Number; Personalnummer; Mitarbeiternummer; Mitarbeiter ID; Personal "
        "Nr; Matricule; "
        "Numéro d'employé; Identifiant; ID",
        cleaner=partial(clean_text, limit=64),
        help=gettext_lazy("What later imports go by."),
    ),
    column(
        "email",
        gettext_lazy("Work e-mail"),
        "Work Email; Email - Work; Email Work; Primary Work Email; Business Email; Business E-mail Address; "
        "Work Email Address; Company Email; Corporate Email; Work Contact: Work Email; Email Address; Email; "
        "Primary Email; Mail; User Principal Name; UPN; Login; Dienstliche E-Mail; Geschäftliche "
        "E-Mail; E-Mail-Adresse; "
        "Courriel; Adresse e-mail; Courriel professionnel; Email professionnel",
        cleaner=clean_email,
    ),
    column(
        "first_name",
        gettext_lazy("First name"),
        "Legal First Name; Given Name; Forename; First; Vorname; Prénom; Legal Name - First Name; "
        "Legal Name in General Display First Name",
        cleaner=name_text,
    ),
    column(
        "last_name",
        gettext_lazy("Last name"),
        "Legal Last Name; Surname; Family Name; Last; Nachname; Familienname; Nom de famille; Nom; "
        "Legal Name - Last Name",
        cleaner=name_text,
    ),
    column(
        "preferred_name",
        gettext_lazy("Preferred first name"),
        "Preferred Name; Preferred First Name; Known As; Nickname; Display First Name; Goes By; "
        "Rufname; Prénom usuel",
        cleaner=name_text,
        help=gettext_lazy("Used in place of the first name where it is filled."),
    ),
    column(
        "full_name",
        gettext_lazy("Full name"),
        "Name; Employee Name; Worker; Employee; Display Name; Legal Name; Worker Name; Person Name; "
        "Formatted Name; "
        "Full Legal Name; Vollständiger Name; Mitarbeiter; Nom complet; Nom et prénom",
        cleaner=partial(clean_text, limit=200),
        help=gettext_lazy('"Amara Osei" or "Osei, Amara"; used where there are no first and last names.'),
    ),
    column(
        "status",
        gettext_lazy("Status"),
        "Worker Status; Employment Status; Employee Status; Assignment Status; Emplstatus; "
        "Employment Status Code; "
        "Status Code; Position Status; Lifecycle Status; Active; Active Status; Employment State; "
        "Beschäftigungsstatus; Mitarbeiterstatus; Statut; Statut de l'employé; Situation",
        cleaner=clean_status,
        help=gettext_lazy("Leavers come as a status: Terminated, Left, Inactive."),
    ),
    column(
        "title",
        gettext_lazy("Job title"),
        "Business Title; Title; Job Title Description; Job Name; Position; Position Title; Role; "
        "Job; Job Code Description; "
        "Work Title; Assignment Name; Stelle; Position Name; Berufsbezeichnung; Stellenbezeichnung; "
        "Jobtitel; "
        "Poste; Intitulé du poste; Fonction",
        cleaner=short_text,
    ),
    column(
        "level",
        gettext_lazy("Management level"),
        "Level; Job Level; Grade; Pay Grade; Job Grade; Career Level; Seniority Level; Band; Salary "
        "Grade; Compensation "
        "Grade; Karrierestufe; Ebene; Führungsebene; Niveau; Échelon; Niveau hiérarchique",
        cleaner=clean_level,
    ),
    column(
        "unit",
        gettext_lazy("Unit"),
        "Supervisory Organization; Department; Department Name; Home Department Description; Home "
        "Department; "
        "Organization; Org Unit; Organizational Unit; Business Unit; Team; Function; Cost Center Hierarchy; "
        "Org Level 1; Abteilung; Bereich; Organisationseinheit; Service; Département; Direction; Unité",
        cleaner=short_text,
        help=gettext_lazy("Department, service line or organization."),
    ),
    column(
        "job_family",
        gettext_lazy("Job family"),
        "Job Family Group; Job Function; Job Category; Job Profile; Profession; Discipline; Jobfamilie; "
        "Berufsgruppe; Famille d'emploi; Filière; Métier",
        cleaner=short_text,
    ),
    column(
        "location",
        gettext_lazy("Location"),
        "Work Location; Office; Site; Location Name; Work Site; Office Location; Primary Work "
        "Location; City; Work City; "
        "Location Description; Home Office; Place of Work; Standort; Arbeitsort; Büro; Stadt; Lieu; "
        "Lieu de travail; Ville; "
        "Bureau",
        cleaner=short_text,
    ),
    column(
        "country",
        gettext_lazy("Country"),
        "Work Country; Location Country; Country Name; Country/Region; Country Code; Land; Pays",
        cleaner=name_text,
    ),
    column(
        "region",
        gettext_lazy("Region"),
        "Division; Geo; Geography; Area; Market; Territory; Geographic Region; Region Name; Gebiet; "
        "Région; Zone",
        cleaner=name_text,
    ),
    column(
        "time_zone",
        gettext_lazy("Time zone"),
        "Timezone; Time Zone Name; TZ; Work Time Zone; Default Time Zone; Zeitzone; Fuseau horaire",
        cleaner=clean_time_zone,
        help=gettext_lazy("Where it is missing, the location's time zone is used."),
    ),
    column(
        "language",
        gettext_lazy("Language"),
        "Preferred Language; Correspondence Language; Native Preferred Language; Default Locale; "
        "Locale; Sprache; Langue",
        cleaner=clean_language,
    ),
    column(
        "hired_on",
        gettext_lazy("Hire date"),
        "Hired; Start Date; Original Hire Date; Most Recent Hire Date; Hire/Rehire Date; Date of "
        "Hire; Date Hired; "
        "Joining Date; Join Date; Employment Start Date; Date of Joining; Company Start Date; Work "
        "Start Date; "
        "Hired On; Latest Start Date; Seniority Date; Eintrittsdatum; Einstellungsdatum; Eintritt; "
        "Date d'embauche; "
        "Date d'entrée; Date d'arrivée",
        cleaner=raw,
    ),
    column(
        "left_on",
        gettext_lazy("Left on"),
        "Termination Date; End Date; Last Day of Work; Last Day; Leaving Date; Exit Date; "
        "Employment End Date; "
        "Separation Date; Last Working Day; Left On; Austrittsdatum; Austritt; Letzter Arbeitstag; "
        "Date de sortie; "
        "Date de départ; Date de fin",
        cleaner=raw,
        help=gettext_lazy("A date in the past makes a leaver, whatever the status says."),
    ),
    column(
        "manager_id",
        gettext_lazy("Manager's employee ID"),
        "Manager Employee ID; Manager ID; Supervisor ID; Manager Employee Number; Reports To ID; "
        "Supervisor EEID; "
        "Manager Number; Manager User ID; Manager Person Number; Supervisor Employee ID; Reports To "
        "Associate ID; "
        "Line Manager ID; Reporting to ID; Manager's ID; Vorgesetzter ID; Personalnummer Vorgesetzter; "
        "Matricule du manager; Matricule responsable; MANAGER",
        cleaner=partial(clean_text, limit=64),
    ),
    column(
        "manager_email",
        gettext_lazy("Manager's e-mail"),
        "Manager Email; Supervisor Email; Manager Work Email; Reports To Email; Line Manager Email; "
        "Supervisor Work Email; "
        "Manager Email Address; Manager - Work Email; E-Mail Vorgesetzter; Email du manager; Email "
        "responsable",
        cleaner=clean_email,
    ),
    column(
        "manager_name",
        gettext_lazy("Manager's name"),
        "Manager Name; Reporting to; Reports To; Supervisor; Supervisor Name; Line Manager; "
        "Worker's Manager; "
        "Reports To Name; Direct Manager; Manager Full Name; People Manager; Vorgesetzter; "
        "Vorgesetzte; Führungskraft; "
        "Responsable; Supérieur hiérarchique; Responsable hiérarchique; Nom du manager",
        cleaner=partial(clean_text, limit=200),
        help=gettext_lazy("A name that several people share is an error: the import never guesses."),
    ),
)
COLUMNS = {column.key: column for column in ROSTER}
DATES = ("hired_on", "left_on")
MANAGER_KEYS = ("manager_id", "manager_email", "manager_name")
EXTRA = "attribute"

# Voluntary self-identification belongs into a questionnaire with consent, not into an import.
SENSITIVE_WORDS = (
    "gender sex pronouns age birth birthday birthdate dob ethnicity ethnic race racial religion "
    "faith disability "
    "disabled veteran orientation nationality citizenship marital salary pay wage compensation "
    "bonus bank iban ssn "
    "passport health geburtsdatum geburtstag geschlecht alter gehalt konfession religion "
    "staatsangehorigkeit sexe "
    "naissance salaire nationalite handicap hispanic lgbt lgbtq sexuality home personal private"
)
SENSITIVE = frozenset(SENSITIVE_WORDS.split())
