"""The people's side: an issuer of tokens, addresses with which they are taken, folders served as pages."""
