"""The prescriber's pages: from finding the patient to the decision on what was filed."""
