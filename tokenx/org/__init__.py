"""An org's users and contents: models, search, audit trail, access, and sign-in."""
