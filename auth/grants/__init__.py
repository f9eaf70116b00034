"""The three ways to a token. The implicit and the password grant are not among them."""

from auth.grants.authorization_code import AuthorizationCode
from auth.grants.client_credentials import ClientCredentials
from auth.grants.refresh_token import RefreshToken

GRANTS = (ClientCredentials, AuthorizationCode, RefreshToken)
