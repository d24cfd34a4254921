"""Runs a processor over a workspace: which pages, what fails, what is recorded.

``processor`` says what a processor is, ``run`` runs one. It knows OCR-D's rules and no OCR.
"""
