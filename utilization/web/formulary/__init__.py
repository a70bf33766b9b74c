"""The committee's pages: versions of the criteria read, compared, written, proposed and signed. No patient's data."""
