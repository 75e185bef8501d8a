import pytest

from mentoring.exchange.mappings import signature
from mentoring.people.mapping import guess_mapping, mapping_problems

SYSTEMS = {
    "Workday": {
        "Employee ID": "employee_id",
        "Legal First Name": "first_name",
        "Legal Last Name": "last_name",
        "Work Email": "email",
        "Worker Status": "status",
        "Business Title": "title",
        "Management Level": "level",
        "Job Family": "job_family",
        "Supervisory Organization": "unit",
        "Manager Employee ID": "manager_id",
        "Hire Date": "hired_on",
    },
    "BambooHR": {
        "Employee #": "employee_id",
        "First Name": "first_name",
        "Preferred Name": "preferred_name",
        "Department": "unit",
        "Division": "region",
        "Reporting to": "manager_name",
        "Employment Status": "status",
    },
    "SuccessFactors": {
        "User ID": "employee_id",
        "EMAIL": "email",
        "DEPARTMENT": "unit",
        "MANAGER": "manager_name",
        "LOCATION": "location",
        "HIREDATE": "hired_on",
        "TITLE": "title",
        "TIMEZONE": "time_zone",
    },
    "Personio": {
        "ID": "employee_id",
        "First name": "first_name",
        "Position": "title",
        "Supervisor": "manager_name",
        "Office": "location",
        "Hire date": "hired_on",
        "Termination date": "left_on",
    },
    "ADP": {
        "Associate ID": "employee_id",
        "Job Title Description": "title",
        "Home Department Description": "unit",
        "Position Status": "status",
        "Reports To Associate ID": "manager_id",
        "Work Contact: Work Email": "email",
    },
    "Oracle HCM": {
        "Person Number": "employee_id",
        "Assignment Status": "status",
        "Business Unit": "unit",
        "Grade": "level",
        "Manager Person Number": "manager_id",
    },
    "HiBob": {
        "Display name": "full_name",
        "Site": "location",
        "Reports to": "manager_name",
        "Start date": "hired_on",
    },
    "UKG": {"Employee Number": "employee_id", "Supervisor Name": "manager_name", "Org Level 1": "unit"},
    "Rippling": {"Work email": "email", "Manager work email": "manager_email", "Work location": "location"},
    "German": {
        "Personalnummer": "employee_id",
        "Vorname": "first_name",
        "Nachname": "last_name",
        "E-Mail-Adresse": "email",
        "Abteilung": "unit",
        "Führungskraft": "manager_name",
        "Eintrittsdatum": "hired_on",
        "Gehalt": None,
        "Geschlecht": None,
    },
    "French": {
        "Matricule": "employee_id",
        "Prénom": "first_name",
        "Nom": "last_name",
        "Courriel": "email",
        "Intitulé du poste": "title",
        "Date d'embauche": "hired_on",
        "Responsable hiérarchique": "manager_name",
        "Date de naissance": None,
    },
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_guess_mapping_of_the_usual_systems(system: str):
    expected = SYSTEMS[system]
    assert guess_mapping(list(expected)) == {header: key for header, key in expected.items() if key}


def test_guess_mapping_prefers_the_work_address():
    headers = ["Personal Email", "Email", "Work E-Mail"]
    assert guess_mapping(headers) == {"Work E-Mail": "email"}


def test_guess_mapping_uses_each_meaning_once():
    headers = ["Department", "Department Name", "Name", "First Name", "Last Name"]
    assert guess_mapping(headers) == {
        "Department": "unit",
        "First Name": "first_name",
        "Last Name": "last_name",
    }


def test_signature_is_of_the_set_of_headings():
    assert signature(["Employee ID", "E-Mail"]) == signature(["e-mail ", "EMPLOYEE ID"])
    assert signature(["Employee ID"]) != signature(["Employee ID", "Level"])


def test_mapping_problems():
    headers = ["ID", "Mail", "Name", "Title", "Gender"]
    assert mapping_problems(headers, {"ID": "employee_id", "Name": "full_name"}) == []
    mapping = {"Name": "title", "Title": "title", "Gender": "attribute", "X": "unit"}
    assert mapping_problems(headers, mapping, unexplained=["Gender"]) == [
        '"Job title" is chosen for several columns: Name, Title. Keep one.',
        "Choose a column for the employee ID or for the work e-mail: people are told apart by it.",
        "Choose a column for the names.",
        '"Gender" looks sensitive. Leave it out, or say why it is needed.',
        "The file has no column named X.",
    ]
