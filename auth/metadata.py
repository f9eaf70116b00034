"""What clients can find out about us (RFC 8414, RFC 9728)."""

from typing import Any

from auth.jose import ALGORITHMS
from auth.scopes import SCOPES
from auth.site import Site

_PROVEN = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
RESOURCE_METADATA = "/.well-known/oauth-protected-resource/graphql"
"""Where RFC 9728 has the metadata of `/graphql`."""


def authorization_server(site: Site) -> dict[str, Any]:
    """The endpoints, and what they take."""
    at, signed = site.issuer, list(ALGORITHMS)
    return {
        "issuer": at,
        "authorization_endpoint": f"{at}/oauth/authorize",
        "token_endpoint": site.token_endpoint,
        "revocation_endpoint": f"{at}/oauth/revoke",
        "introspection_endpoint": f"{at}/oauth/introspect",
        "jwks_uri": f"{at}/oauth/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*_PROVEN, "none"],
        "token_endpoint_auth_signing_alg_values_supported": signed,
        "revocation_endpoint_auth_methods_supported": [*_PROVEN, "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": signed,
        "introspection_endpoint_auth_methods_supported": _PROVEN,
        "introspection_endpoint_auth_signing_alg_values_supported": signed,
        "authorization_response_iss_parameter_supported": True,
        "protected_resources": [site.resource],
        "ui_locales_supported": ["es", "en"],
    }


def protected_resource(site: Site) -> dict[str, Any]:
    """Who issues tokens for the API, and how they are sent."""
    return {
        "resource": site.resource,
        "authorization_servers": [site.issuer],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Vínculo",
    }
