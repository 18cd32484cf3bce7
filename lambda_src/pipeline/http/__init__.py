"""HTTP as API Gateway's HTTP APIs hand it over (payload format 2.0), and answers in JSON."""
