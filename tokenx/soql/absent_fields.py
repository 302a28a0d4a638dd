"""Fields that an object has in Salesforce and that are always null here."""

# Texts of a user that no page of tokenx has.
ABSENT_TEXTS = {
    "MiddleName": "Middle Name",
    "Suffix": "Suffix",
    "Title": "Title",
    "CompanyName": "Company Name",
    "Department": "Department",
    "Division": "Division",
    "EmployeeNumber": "Employee Number",
    "Phone": "Phone",
    "MobilePhone": "Mobile",
    "Extension": "Extension",
    "Fax": "Fax",
    "Street": "Street",
    "City": "City",
    "State": "State/Province",
    "PostalCode": "Zip/Postal Code",
    "Country": "Country",
}
