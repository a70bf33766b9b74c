"""What analysts read of all requests, as flat tables with stable names.

`columns.py` says what each column is and how it is guarded, `rows.py` reads them, `deidentification.py` and `cells.py`
guard them.
"""
