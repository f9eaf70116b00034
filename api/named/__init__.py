"""Named documents: `GET /q/{language}/{name}.{format}` for people who want no GraphQL.

Each is one operation of GraphQL and a declaration of how it is shown, in `documents/`. The compiled
reader answers it as it answers `/graphql`, to somebody who has no token.
"""
