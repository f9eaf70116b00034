"""The three ways to a token. The implicit and the password grant are not among them."""

from auth.grants.client_credentials import ClientCredentials

GRANTS = (ClientCredentials,)
