"""Sheets in: what a spreadsheet of an office says, row by row, and how it becomes drafts of the ledger.

One path of our own on openpyxl and calamine, not django-import-export: that library asks the database for each cell that
names another row, and saves row by row; what people need here (heads found by their words, sentences that name the cell,
all or nothing, an event for each row) would have to be written around it all the same.
"""
