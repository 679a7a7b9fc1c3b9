"""PREG's services: look-up, search and changes for client systems, from a published release, read-only.

`store` has what is read, `access` who may read what, `services` what is answered, `interfaces` in which form. Rules of
PREG's fields are not here: they are in the release, and a profile's blanks in `publication.access.profile_queries`.
"""
