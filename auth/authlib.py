"""authlib's classes as far as we build on them.

They are `Any` here, because the types that are published for authlib describe another release.
"""

from typing import Any

from authlib.oauth2 import rfc6749, rfc7009, rfc7662

errors: Any = rfc6749.errors
grants: Any = rfc6749.grants
OAuth2Request: Any = rfc6749.OAuth2Request
Payload: Any = rfc6749.requests.BasicOAuth2Payload
AuthorizationServer: Any = rfc6749.AuthorizationServer
RevocationEndpoint: Any = rfc7009.RevocationEndpoint
IntrospectionEndpoint: Any = rfc7662.IntrospectionEndpoint
