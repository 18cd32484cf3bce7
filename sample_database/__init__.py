"""The sample application's database: a fitness community, loaded into PostgreSQL at any scale."""
