"""The PRISMA 2020 flow of records, reports and studies, counted from the ledger."""
