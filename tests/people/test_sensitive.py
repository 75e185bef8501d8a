"""Which columns of a roster look sensitive: by their headings in seven languages and every spelling, and by
their cells whatever the heading."""

import datetime as dt

import pytest

from mentoring.people.columns import ROSTER
from mentoring.people.sensitive import Sensitive, sensitive_cells, sensitive_columns, sensitive_heading

TODAY = dt.date(2026, 11, 22)
HEADINGS = {
    Sensitive.BIRTH: ""
    "dateOfBirth; BirthDate; DATEOFBIRTH; emp_dob; Date of Birth; Age; Age group; Geburtsdatum; "
    "Geb.-Datum; Alter; Date de naissance; Fecha de nacimiento; Edad; Data di nascita; Data de "
    "nascimento; Leeftijd; Birth Year; Age Band",
    Sensitive.GENDER: "Gender; GenderPronoun; SEX_CD; Sex; Geschlecht; Anrede; Sexe; Genre; Género; Genere; "
    "Sesso; Geslacht; Preferred pronouns; Sexual Orientation; LGBTQ+; EE Gender",
    Sensitive.ORIGIN: ""
    "ethnicGroup; RaceDesc; racedesc; HispanicLatino; ETHNIC_GRP_CD; Nationality; CitizenDesc; "
    "Staatsangehörigkeit; Nationalité; Nacionalidad; Cittadinanza; Nationaliteit; Raça; "
    "Migrationshintergrund; Visa Type",
    Sensitive.BELIEF: "Trade Union; Religion; Konfession; Gewerkschaft; Syndicat; Sindicato; Union Member; "
    "Kirchensteuermerkmal; Political affiliation",
    Sensitive.HEALTH: "Schwerbehinderung; Disability Status; Disabled; Handicap; Discapacidad; Disabilità; "
    "Veteran; Krankenkasse; Medical notes; Vaccination status; Grad der Behinderung (GdB)",
    Sensitive.FAMILY: "maritalStatus; Marital Status; MAR_STATUS; Familienstand; Situation familiale; Estado "
    "civil; Stato civile; Emergency Contact; Number of children; Spouse name; Kinderfreibetrag",
    Sensitive.PAY: "annualSalary; ANNUALSALARY; Salary; Jahresgehalt; Bruttolohn; Entgeltgruppe; Base "
    "Compensation; Hourly Rate; Salaire; Salario; Stipendio; Salário; Sueldo; Bonus %; Pay "
    "Rate; Vergütung",
    Sensitive.IDENTITY: ""
    "Social Security Number; SSN; National Insurance No.; Passport Number; IBAN; Bank account; "
    "Steuer-ID; Sozialversicherungsnummer; Codice Fiscale; Work permit; Driving licence",
    Sensitive.HOME: "homePhone; Home Address; Personal Email; Private E-Mail; Zip; Postcode; Wohnort; "
    "Privatadresse; Street; Mobile; Domicilio",
    Sensitive.RECORD: "Performance Rating; PerformanceScore; EmpSatisfaction; TermReason; DaysLateLast30; "
    "Absences; Disciplinary action",
}
PLAIN = (
    "Pay Grade; Pay Grade*; Salary Grade [Required]; Cost Center; Home Department; Management Level; "
    "Language; Manager; Percentage; usageLocation; Employee Image; T-shirt size; Office Building; "
    "Workplace; Package; Stage; Job Category; Recruitment Source; Team lead; Partner; Engagement; "
    "Message; Employee ID; userType; FTE %; Worker Type; Project; Skills; Languages spoken; Time in "
    "Position (Years); Personalnummer; Home Office"
)
CELLS = {
    Sensitive.BIRTH: [
        ["1990-05-06", "1978-01-02"],
        ["06/05/1990"],
        ["1987", "1990", "1969"],
        ["6-May-72", "1-Jan-81"],
    ],
    Sensitive.GENDER: [
        ["M", "F"],
        ["w", "m", "d"],
        ["SHE/HER", "HE/HIM"],
        ["Female"],
        ["Herr", "Frau"],
        ["Mr", "Ms"],
    ],
    Sensitive.ORIGIN: [
        ["Black African", "White British"],
        ["German", "Nigerian"],
        ["Hispanic or Latino", "Asian"],
    ],
    Sensitive.BELIEF: [["Roman Catholic", "None"], ["Muslim", "Hindu"], ["ev", "rk", "katholisch"]],
    Sensitive.HEALTH: [["Not a veteran", "Protected veteran"], ["Yes", "No", "Disabled"]],
    Sensitive.FAMILY: [["Married", "Single"], ["verheiratet", "ledig"]],
    Sensitive.PAY: [
        ["54000", "61500", "48250"],
        ["54,000.00", "61,500.00"],
        ["$54,000"],
        ["54.000 €", "61.500 €"],
    ],
    Sensitive.IDENTITY: [["123-45-6789"], ["DE89 3704 0044 0532 0130 00"], ["AB 12 34 56 C"]],
    Sensitive.HOME: [["12 Main Street", "4 High Road"], ["Hauptstraße 5"], ["amara@gmail.com", "jun@gmx.de"]],
    Sensitive.RECORD: [["Fully Meets", "PIP", "Exceeds"]],
}
PLAIN_CELLS = [
    ["2019-05-06", "1998-01-02"],
    ["S", "M", "L", "XL"],
    ["40010", "40020", "40117"],
    ["Berlin", "Lagos"],
    ["Yes", "No"],
    ["2019", "2020"],
    ["Single"],
    ["FT", "PT"],
    ["Active", "On leave"],
    ["A", "B", "M"],
    ["amara@northwind.example"],
    ["100", "80"],
    [],
    ["", " "],
]


@pytest.mark.parametrize(
    ("heading", "kind"), [(text, kind) for kind, texts in HEADINGS.items() for text in texts.split("; ")]
)
def test_heading_that_tells(heading: str, kind: Sensitive):
    assert sensitive_heading(heading) == kind


@pytest.mark.parametrize("heading", PLAIN.split("; "))
def test_heading_that_tells_nothing(heading: str):
    assert sensitive_heading(heading) is None


def test_what_the_roster_has_a_place_for_is_not_sensitive():
    names = [name for column in ROSTER for name in (column.key, *column.aliases)]
    assert [name for name in names if sensitive_heading(name)] == []


def test_a_known_word_in_front_of_a_telling_one_hides_nothing():
    assert sensitive_heading("Status (marital)") == Sensitive.FAMILY
    assert sensitive_heading("Name/Home Phone") == Sensitive.HOME


@pytest.mark.parametrize(
    ("cells", "kind"), [(cells, kind) for kind, columns in CELLS.items() for cells in columns]
)
def test_cells_that_tell(cells: list[str], kind: Sensitive):
    assert sensitive_cells(cells, heading="Custom field 7", today=TODAY) == kind
    assert sensitive_columns({"Custom field 7": cells}, today=TODAY) == {"Custom field 7": kind.value}


@pytest.mark.parametrize("cells", PLAIN_CELLS)
def test_cells_that_tell_nothing(cells: list[str]):
    assert sensitive_cells(cells, heading="Custom field 7", today=TODAY) is None


def test_languages_are_no_nationalities():
    assert sensitive_cells(["German", "French"], heading="Second language", today=TODAY) is None


def test_the_roster_s_own_columns_are_judged_by_words_alone():
    """A hire date of the last century is one, and a small company may write from gmail."""
    assert sensitive_cells(["1990-05-06"], heading="Hire Date", today=TODAY) is None
    assert sensitive_cells(["amara@gmail.com"], heading="Email", today=TODAY) is None
    assert sensitive_cells(["Married", "Single"], heading="Status", today=TODAY) == Sensitive.FAMILY
