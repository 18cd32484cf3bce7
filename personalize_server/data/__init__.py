"""Datasets on disk: schemas, columns, CSV, and records that were put one by one."""
