"""Episodes of care, questionnaires, consent, and the clinic's audit."""
